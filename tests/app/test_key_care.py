"""Key care from the command line, and the drill of docs/backup.md, run as it is written."""

from __future__ import annotations

import json
import os
import re
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import UUID

import pytest

from app.settings import load_settings
from app.wiring import House, open_house
from storage.errors import KeyMissing
from storage.objects import Bucket
from tests.app.drills import drill
from tests.app.houses import ROOT, Shell
from tests.objects import MemoryStore, vault_at

DOCUMENT = UUID(int=0xD0C)
pytestmark = pytest.mark.timeout(300)


def _settings(shell: Shell) -> dict[str, str]:
    return {name: value for name, value in shell.environ.items() if name.startswith("CHOPBOOK_")}


def _with_house(shell: Shell) -> AbstractContextManager[House]:
    return open_house(load_settings(_settings(shell)))


def test_the_drill_of_the_docs_brings_everything_back(shell: Shell, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "backup.md").read_text(encoding="utf-8")
    blocks = re.findall(r"<!-- drill -->\n```sh\n(.*?)```", page, re.DOTALL)
    environ = {**shell.environ, "CHOPBOOK_DATA_DIR": "data"}

    with drill() as prelude:
        done = subprocess.run(
            ["bash", "-c", prelude + "\n".join(blocks)],
            cwd=tmp_path,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )

    assert len(blocks) >= 4
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the drill succeeded" in done.stdout


def test_keys_are_shown_backed_up_and_rolled(shell: Shell, tmp_path: Path) -> None:
    created, store = shell.json("log", "create"), MemoryStore()
    with _with_house(shell) as house:
        sealed = vault_at(house.storage.keys, store).seal(DOCUMENT, 1, [b"content"])

    first = shell.json("keystore", "show")
    shell.run("keystore", "backup", tmp_path / "a.json")
    shell.run("keystore", "backup", tmp_path / "a.json", exit_code=3)
    rolled = shell.json("keystore", "roll-epoch", tmp_path / "b.json")
    shown = shell.json("keystore", "show", "--share")
    text = shell.run("keystore", "show", "--share").stdout

    assert (first["last_backup"], [epoch["epoch"] for epoch in first["epochs"]]) == (None, [1])
    assert (rolled["epoch"], shown["last_roll"]["file"]) == (2, "b.json")
    assert shown["keys"]["document"] == 1
    assert shown["recovery_share"] == created["recovery_share"]
    assert all(line in text for line in created["recovery_share"])
    assert "還原碼" in text
    assert "last roll: 20" in text
    assert "    2     4                   1" in text
    with _with_house(shell) as house:
        assert b"".join(vault_at(house.storage.keys, store).open(sealed.ref, DOCUMENT, 1)) == b"content"
    assert shell.json("log", "verify")["verdict"] == "valid_unanchored"


def test_the_root_key_changes_and_is_protected(shell: Shell, tmp_path: Path) -> None:
    shell.run("log", "create")
    before = shell.json("keystore", "show")["root_fingerprint"]
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("correct horse battery")
    passphrase.chmod(0o600)
    root_file = shell.data_dir / "keys" / "root.key"

    changed = shell.json("keystore", "rotate-root")
    shell.environ["CHOPBOOK_ROOT_KEY_PASSPHRASE_FILE"] = str(passphrase)
    shell.run("keystore", "protect")

    assert changed["root_fingerprint"] != before
    assert root_file.read_text().startswith("chopbook-root-key/1 scrypt ")
    assert root_file.stat().st_mode & 0o777 == 0o600
    assert shell.json("keystore", "show")["root_fingerprint"] == changed["root_fingerprint"]
    assert shell.json("log", "verify")["verdict"] == "valid_unanchored"
    shell.run("keystore", "rotate-root")
    assert root_file.read_text().startswith("chopbook-root-key/1 scrypt ")
    del shell.environ["CHOPBOOK_ROOT_KEY_PASSPHRASE_FILE"]
    assert "is under a passphrase" in shell.run("keystore", "show", exit_code=5).stderr


def test_a_change_of_the_root_key_that_was_stopped_is_ended(shell: Shell) -> None:
    shell.run("log", "create")
    root_file = shell.data_dir / "keys" / "root.key"
    old = root_file.read_text()
    changed = shell.json("keystore", "rotate-root")
    # As if it had been killed after the store was changed, and before the file was.
    root_file.rename(root_file.with_name("root.key.new"))
    root_file.write_text(old)
    root_file.chmod(0o600)
    shell.run("keystore", "show", exit_code=5)

    ended = shell.json("keystore", "rotate-root")

    assert ended["root_fingerprint"] == changed["root_fingerprint"]
    shell.run("keystore", "show")


def test_a_wrong_share_writes_nothing(shell: Shell) -> None:
    created = shell.json("log", "create")
    root_file = shell.data_dir / "keys" / "root.key"
    share = "\n".join(created["recovery_share"])
    shell.run("keystore", "recover", stdin=share, exit_code=3)
    root_file.unlink()

    # `1: 4GQT-0V3M`: the first letter behind the number, which may be the same as it.
    slip = f"{share[:3]}{'Z' if share[3] != 'Z' else 'Y'}{share[4:]}"
    # One slip in 256 fits the check of its line by chance; that of the whole, the ninth line, then names it.
    assert re.search("line [19]", shell.run("keystore", "recover", stdin=slip, exit_code=5).stderr)
    assert not root_file.exists()
    shell.run("keystore", "recover", stdin=share)
    shell.run("keystore", "show")


def test_a_sealed_object_opens_with_its_exported_key_alone(shell: Shell, tmp_path: Path) -> None:
    shell.run("log", "create")
    content, store = os.urandom(1_500_000), MemoryStore()
    with _with_house(shell) as house:
        vault = vault_at(house.storage.keys, store)
        sealed = vault.seal(DOCUMENT, 1, [content])
        vault.seal(UUID(int=5), 1, [b"another"])
    (tmp_path / "object").write_bytes(store.content(sealed.ref))
    (tmp_path / "cut").write_bytes(store.content(sealed.ref)[:-1])
    exported = shell.json("keystore", "export-key", str(DOCUMENT), tmp_path / "key.json")
    elsewhere = Shell(tmp_path / "nothing")

    told = elsewhere.json(
        "documents", "decrypt", tmp_path / "object", "--key", tmp_path / "key.json", "--out", tmp_path / "out"
    )

    assert (tmp_path / "out").read_bytes() == content
    assert told["bytes"] == len(content)
    assert not elsewhere.data_dir.exists()
    assert (tmp_path / "key.json").stat().st_mode & 0o777 == 0o600
    entry = shell.json("log", "proof", str(exported["entry"]), "--entry")
    assert "document_key" in json.dumps(entry)
    for arguments, code in (
        (("cut", "key.json", "out2"), 1),
        (("object", "object", "out3"), 3),
        (("object", "key.json", "out"), 3),
    ):
        source, key, out = (tmp_path / name for name in arguments)
        elsewhere.run("documents", "decrypt", source, "--key", key, "--out", out, exit_code=code)
    assert sorted(path.name for path in tmp_path.glob("*out*")) == ["out"]
    key_file = json.loads((tmp_path / "key.json").read_text())
    (tmp_path / "bad.json").write_text(json.dumps({**key_file, "key": "00" * 32}))
    elsewhere.run(
        "documents",
        "decrypt",
        tmp_path / "object",
        "--key",
        tmp_path / "bad.json",
        "--out",
        tmp_path / "o4",
        exit_code=3,
    )


def test_the_objects_are_checked_on_the_embedded_store(shell: Shell) -> None:
    shell.run("log", "create")

    checked = shell.json("objects", "check")

    assert checked["good"]
    assert {found["bucket"] for found in checked["buckets"]} == {bucket.value for bucket in Bucket}
    assert "chopbook-records" in shell.run("objects", "check").stdout


def test_a_destroyed_document_does_not_come_back_with_a_backup(shell: Shell, tmp_path: Path) -> None:
    shell.run("log", "create")
    with _with_house(shell) as house:
        vault = vault_at(house.storage.keys, MemoryStore())
        vault.seal(DOCUMENT, 1, [b"content"])
    shell.run("keystore", "backup", tmp_path / "a.json")
    with _with_house(shell) as house:
        vault_at(house.storage.keys).destroy_key(DOCUMENT)

    restored = shell.json("keystore", "restore", tmp_path / "a.json")

    assert restored["added"] == 0
    with _with_house(shell) as house, pytest.raises(KeyMissing):
        vault_at(house.storage.keys).export_key(DOCUMENT)
