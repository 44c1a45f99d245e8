"""P-39: an exported folder proves its items without any database, before and after they moved; and what is wrong with it is named."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.document_trees import add_file, take_out
from app.wiring import House
from audit.canonical import encode
from audit.keys import Ed25519Signer
from documents.classes import MEDIA_TYPES
from documents.exported.checking import FLAWS, Flaw, check_export
from documents.exported.model import FORMAT, MANIFEST
from documents.exported.words import FORMATS, READMES
from documents.model import Added, Folder, FolderKind
from documents.service import Means
from documents.shelves.store import Wanted
from policies.model import Principal, Role
from policies.using.purposes import UsePurpose
from policies.using.rules import Use
from storage.objects import Vault
from tests.app.houses import Shell
from tests.documents.archive import room_of
from tests.documents.printed import delivery_note
from tests.objects import MemoryStore
from tests.stock.shop import REFUSES, Shop

FOLDER = Folder(FolderKind.GENERAL, "audit")
ROW = ("TEA-0012", "普洱茶餅 357g", "24", "箱", "PE2611A", "2028-11-30")
USE = Use(UsePurpose.RECORD_KEEPING)


@pytest.fixture
def system(house: House, shop: Shop) -> Principal:
    operator = house.policies.local_principal(Role.OPERATOR)
    shop.do(house.documents.create_standard_classes(operator, event_id=shop.id()))
    return house.policies.local_principal(Role.API_CLIENT)


@pytest.fixture
def filled(house: House, system: Principal, shop: Shop, tmp_path: Path) -> House:
    """A house with a note and a photo that was cleaned, in one folder."""
    for name, content, code in (("dn.jpg", b"delivered", "delivery_note"), ("shelf.jpg", b"GPS shelf", "photo")):
        path = tmp_path / name
        path.write_bytes(content)
        filing: dict[str, object] = {"class": code, "store": REFUSES, "folders": [str(FOLDER)]}
        assert isinstance(add_file(house, system, path, filing, shop.id()), Added)
    return house


def exported(house: House, system: Principal, target: Path) -> Path:
    take_out(house, system, FOLDER, target, lambda _done: None, USE)
    return target


def zipped(root: Path) -> Path:
    return Path(shutil.make_archive(str(root), "zip", root))


def vkey_of(house: House) -> str:
    return house.documents.log_named()[1]


def manifest_of(root: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((root / MANIFEST).read_text("utf-8"))
    return read


def moved(house: House, shop: Shop) -> House:
    """The house after its objects moved to another bucket."""
    target = MemoryStore(house.clock)
    assert house.documents.move_objects(target, new_event_id=shop.id)["documents"] == 2
    storage = house.storage
    vault = Vault(target, storage.keys, house.entropy)
    means = Means(
        storage.database, storage.log, house.policies, house.stock, house.queue, vault, house.clock, house.entropy
    )
    return replace(house, vault=vault, documents=room_of(means, house.spool))


def test_p39_a_move_to_another_bucket_changes_no_proof(
    filled: House, system: Principal, shop: Shop, tmp_path: Path
) -> None:
    key = vkey_of(filled)
    before = exported(filled, system, tmp_path / "before")
    elsewhere = moved(filled, shop)
    # What the old bucket holds plays no part any more.
    filled.vault.store._kept.clear()  # type: ignore[attr-defined]  # noqa: SLF001
    after = exported(elsewhere, system, tmp_path / "after")

    first, second = check_export(zipped(before), [key]), check_export(zipped(after), [key])

    assert first.flaws == second.flaws == []
    assert first.items == second.items == 2
    assert first.items_root == second.items_root != ""
    assert max(second.tree_sizes) > max(first.tree_sizes)
    assert first.key_pinned
    assert check_export(after).flaws == []
    for line in manifest_of(after)["files"]:
        assert line["format"]["media_type"] == "image/jpeg"
        assert line["format"]["note_en"].startswith("JPEG picture (ISO/IEC 10918)")
        assert line["format"]["note_zh"].startswith("JPEG 圖像")
        assert line["origin"] == {"actor": "system", "role": "api_client", "channel": "system"}
        assert line["recorded_at"] == line["received_at"]
        assert line["destination"]["bucket"] == "records"
    notes = {line["class"]: line["format"]["note_en"] for line in manifest_of(after)["files"]}
    assert "gps were taken out before it was sealed" in notes["photo"]
    assert "never converted" in notes["delivery_note"]


def test_the_way_to_check_it_stands_in_it_in_both_languages(filled: House, system: Principal, tmp_path: Path) -> None:
    root = exported(filled, system, tmp_path / "out")

    assert {name: (root / name).read_text("utf-8") for name in READMES} == READMES
    assert manifest_of(root)["format"] == FORMAT
    assert "chopbook documents check" in READMES["README.en.txt"]
    assert "核證" in READMES["README.zh-Hant.txt"]


def test_every_kind_of_document_has_its_format_note() -> None:
    assert FORMATS.keys() == MEDIA_TYPES
    assert FLAWS.keys() == set(Flaw)


def test_who_may_not_read_the_log_gets_less_and_is_told(
    filled: House, system: Principal, shop: Shop, tmp_path: Path
) -> None:
    dpo = filled.policies.principal(shop.person(Role.POLICY_ADMIN).id)
    with filled.storage.database.read() as connection:
        (shown, *_) = filled.documents.documents(system, connection, Wanted(folder=FOLDER), after=None, limit=5).items
        (version,) = filled.documents.versions(system, connection, shown.document.id)

    assert filled.documents.state(system, version.version).files
    assert filled.documents.state(dpo, version.version).files == {}


Tampering = Callable[[Path, dict[str, Any]], None]


def _rewrite(root: Path, told: dict[str, Any]) -> None:
    (root / MANIFEST).write_text(json.dumps(told), "utf-8")


def _file(root: Path, told: dict[str, Any]) -> None:
    path = root / told["files"][0]["file"]
    path.write_bytes(path.read_bytes() + b"x")


def _file_and_digest(root: Path, told: dict[str, Any]) -> None:
    path = root / told["files"][0]["file"]
    path.write_bytes(b"forged")
    told["files"][0] |= {"sha256": hashlib.sha256(b"forged").hexdigest(), "size": 6}
    _rewrite(root, told)


def _lost(root: Path, told: dict[str, Any]) -> None:
    (root / told["files"][0]["file"]).unlink()


def _more(root: Path, told: dict[str, Any]) -> None:
    (root / "general" / "more.jpg").write_bytes(b"more")


def _note(root: Path, told: dict[str, Any]) -> None:
    told["files"][0]["format"]["note_en"] = ""
    _rewrite(root, told)


def _actor(root: Path, told: dict[str, Any]) -> None:
    told["files"][0]["origin"]["actor"] = "p_somebody"
    _rewrite(root, told)


def _time(root: Path, told: dict[str, Any]) -> None:
    told["files"][0]["recorded_at"] = "2020-01-01T00:00:00.000000Z"
    _rewrite(root, told)


def _entry(root: Path, told: dict[str, Any]) -> None:
    path = root / told["files"][0]["entry"]
    members = json.loads(path.read_bytes())
    members["data"]["class"] = "forged"
    path.write_bytes(encode(members))


def _other_entry(root: Path, told: dict[str, Any]) -> None:
    one, other = told["files"]
    one["entry"], one["proof"], other["entry"], other["proof"] = (
        other["entry"],
        other["proof"],
        one["entry"],
        one["proof"],
    )
    _rewrite(root, told)


def _proof(root: Path, told: dict[str, Any]) -> None:
    path = root / told["files"][0]["proof"]
    path.write_text(path.read_text().replace("\n\n", "\n\nx", 1))


def _proof_lost(root: Path, told: dict[str, Any]) -> None:
    (root / told["files"][0]["proof"]).unlink()


def _salt(root: Path, told: dict[str, Any]) -> None:
    told["files"][0]["commitment"]["salt"] = "00" * 32
    _rewrite(root, told)


def _no_hex(root: Path, told: dict[str, Any]) -> None:
    told["files"][0]["commitment"]["salt"] = "zz"
    _rewrite(root, told)


def _item_taken_out(root: Path, told: dict[str, Any]) -> None:
    gone = told["files"].pop()
    for name in ("file", "entry", "proof"):
        (root / gone[name]).unlink()
    _rewrite(root, told)


def _root(root: Path, told: dict[str, Any]) -> None:
    told["items_root"] = "0" * 64
    _rewrite(root, told)


def _outside(root: Path, told: dict[str, Any]) -> None:
    told["files"][0]["entry"] = "../../etc/passwd"
    _rewrite(root, told)


def _no_manifest(root: Path, told: dict[str, Any]) -> None:
    (root / MANIFEST).unlink()


def _other_format(root: Path, told: dict[str, Any]) -> None:
    told["format"] = "chopbook-folder-export/9"
    _rewrite(root, told)


def _no_json(root: Path, told: dict[str, Any]) -> None:
    (root / MANIFEST).write_bytes(b"[" * 100_000)


TAMPERED: dict[str, tuple[Tampering, set[Flaw]]] = {
    "a byte more in a file": (_file, {Flaw.FILE_DIFFERS}),
    "a forged file with its digest": (_file_and_digest, {Flaw.COMMITMENT_DIFFERS, Flaw.ROOT_DIFFERS}),
    "a file is lost": (_lost, {Flaw.FILE_MISSING}),
    "a file nobody speaks of": (_more, {Flaw.FILE_UNLISTED}),
    "no note on the format": (_note, {Flaw.NOTE_MISSING}),
    "another actor": (_actor, {Flaw.ENTRY_DIFFERS}),
    "an earlier time": (_time, {Flaw.ENTRY_DIFFERS}),
    "another entry's bytes": (_entry, {Flaw.PROOF_FAILS}),
    "the entries of two items exchanged": (_other_entry, {Flaw.ENTRY_DIFFERS}),
    "a broken proof": (_proof, {Flaw.PROOF_FAILS}),
    "a proof is lost": (_proof_lost, {Flaw.FILE_MISSING}),
    "another salt": (_salt, {Flaw.COMMITMENT_DIFFERS}),
    "a salt that is none": (_no_hex, {Flaw.COMMITMENT_DIFFERS}),
    "an item taken out with its files": (_item_taken_out, {Flaw.ROOT_DIFFERS}),
    "another root": (_root, {Flaw.ROOT_DIFFERS}),
    "a file outside": (_outside, {Flaw.FILE_MISSING, Flaw.FILE_UNLISTED}),
    "no manifest": (_no_manifest, {Flaw.FILE_MISSING}),
    "a manifest of another format": (_other_format, {Flaw.UNREADABLE}),
    "a manifest that is none": (_no_json, {Flaw.UNREADABLE}),
}


@pytest.mark.parametrize(("tamper", "flaws"), TAMPERED.values(), ids=TAMPERED.keys())
def test_what_was_tampered_with_is_named(
    filled: House, system: Principal, tmp_path: Path, tamper: Tampering, flaws: set[Flaw]
) -> None:
    root = exported(filled, system, tmp_path / "out")
    key = vkey_of(filled)
    assert check_export(root, [key]).flaws == []

    tamper(root, manifest_of(root))

    for found in (check_export(root, [key]), check_export(zipped(root), [key])):
        assert {one.flaw for one in found.flaws} == flaws, found.flaws


def test_a_key_of_another_log_proves_nothing(filled: House, system: Principal, tmp_path: Path) -> None:
    root = exported(filled, system, tmp_path / "out")
    forger = Ed25519Signer(filled.documents.log_named()[0], Ed25519PrivateKey.generate())

    found = check_export(root, [forger.vkey])

    assert {one.flaw for one in found.flaws} == {Flaw.PROOF_FAILS}
    assert check_export(root).flaws == []
    assert not check_export(root).key_pinned


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip at all"])
def test_a_file_that_is_no_export_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)

    found = check_export(path)

    assert [one.flaw for one in found.flaws] == [Flaw.UNREADABLE]


def test_a_zip_that_was_cut_or_flipped_never_passes(filled: House, system: Principal, tmp_path: Path) -> None:
    whole = zipped(exported(filled, system, tmp_path / "out")).read_bytes()
    path = tmp_path / "broken.zip"

    for place in range(0, len(whole), max(1, len(whole) // 100)):
        path.write_bytes(whole[:place])
        assert check_export(path).flaws
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        texts = {*READMES}
        middles = [
            info.header_offset + 30 + len(info.filename.encode()) + info.compress_size // 2
            for info in archive.infolist()
            if info.filename not in texts and not info.is_dir()
        ]
    for place in middles:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert check_export(path).flaws, place


def test_the_command_needs_no_log(filled: House, system: Principal, tmp_path: Path) -> None:
    root = exported(filled, system, tmp_path / "out")
    shell, key = Shell(tmp_path / "nothing"), vkey_of(filled)
    path = zipped(root)

    good = shell.json("documents", "check", path, "--vkey", key)
    told = shell.run("documents", "check", path, "--language", "zh").stdout
    (root / manifest_of(root)["files"][0]["file"]).write_bytes(b"forged")
    bad = shell.json("documents", "check", zipped(root), exit_code=1)

    assert (good["good"], good["items"], good["key_pinned"]) == (True, 2, True)
    assert "2 項" in told
    assert [fault["fault"] for fault in bad["faults"]] == ["file_differs"]
    assert bad["faults"][0]["zh"] == FLAWS[Flaw.FILE_DIFFERS].zh
    assert not (tmp_path / "nothing").exists()


@pytest.mark.timeout(600)
def test_p39_with_a_real_store_and_the_commands_alone(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "data")
    shell.run("log", "create", "--origin", "log.example/moving")
    shell.run("documents", "classes")
    photo = tmp_path / "dn.jpg"
    photo.write_bytes(delivery_note([ROW]))
    shell.run("documents", "add", photo, "--class", "delivery_note", "--folder", str(FOLDER))
    stated = ("--purpose", UsePurpose.RECORD_KEEPING.value)
    shell.run("documents", "export", str(FOLDER), tmp_path / "before", *stated)

    same = shell.run("objects", "move", "--to-prefix", "chopbook-", exit_code=3).stderr
    moved = shell.json("objects", "move", "--to-prefix", "elsewhere-")
    again = shell.json("objects", "move", "--to-prefix", "elsewhere-")
    shell.environ["CHOPBOOK_OBJECT_STORE_PREFIX"] = "elsewhere-"
    shell.run("documents", "export", str(FOLDER), tmp_path / "after", *stated)
    first = shell.json("documents", "check", zipped(tmp_path / "before"))
    second = shell.json("documents", "check", zipped(tmp_path / "after"))

    assert "expected another than chopbook-" in same
    assert (moved["documents"], again["objects"]) == (1, 0)
    assert (first["good"], second["good"]) == (True, True)
    assert first["items_root"] == second["items_root"]
    (before,), (after,) = manifest_of(tmp_path / "before")["files"], manifest_of(tmp_path / "after")["files"]
    assert before["destination"]["bucket"] == "chopbook-records"
    assert after["destination"] == {"bucket": "elsewhere-records", "endpoint": "embedded", "jurisdiction": "HK"}
    assert shell.json("log", "verify")["verdict"] == "valid_unanchored"
