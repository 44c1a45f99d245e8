"""The command line, command by command."""

from __future__ import annotations

import errno
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from app.cli import cli
from app.clock import system_clock
from app.commands.base import Run, command
from app.commands.listed import COMMANDS
from app.commands.output import table
from app.endings import ending_of
from app.exits import ExitCode, Refused
from app.readiness import disk_state
from audit.errors import MalformedNote
from policies.codes import Code as PolicyCode
from policies.errors import UnknownThing
from policies.quota import HONG_KONG
from stock.errors import Code, InvalidRequest
from storage.errors import EventIdReused, KeyMissing, LogBusy, NoLog, NotPermitted, StorageError, StorageFailed


class Terminal:
    """Runs commands in this process, on a data folder of their own."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.environ: dict[str, str | None] = {"CHOPBOOK_DATA_DIR": str(data_dir), "LANG": "C.UTF-8", "LC_ALL": None}

    def run(self, *arguments: str | Path, exit_code: int = 0, **options: Any) -> Result:
        result = CliRunner().invoke(cli, [str(argument) for argument in arguments], env=self.environ, **options)
        assert result.exit_code == exit_code, f"{result.stdout}\n{result.stderr}\n{result.exception!r}"
        return result

    def json(self, *arguments: str | Path, exit_code: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", exit_code=exit_code).stdout)

    def error(self, *arguments: str | Path, exit_code: int) -> Any:
        return json.loads(self.run("--json", *arguments, exit_code=exit_code).stderr)["error"]


@pytest.fixture
def empty(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path / "data")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a log, an area and two stores, to be copied."""
    terminal = Terminal(tmp_path_factory.mktemp("made") / "data")
    terminal.run("log", "create", "--origin", "log.example/shops")
    terminal.run("area", "add", "KLN", "--name-zh", "九龍區", "--name-en", "Kowloon")
    for code, rule in (("MK01", "refuse"), ("TST1", "allow")):
        name = ["--name-zh", f"分店 {code}", "--name-en", f"Store {code}"]
        terminal.run("store", "add", code, "--area", "KLN", *name, "--negative-stock", rule)
    return terminal.data_dir


@pytest.fixture
def terminal(made: Path, tmp_path: Path) -> Terminal:
    import shutil

    shutil.copytree(made, tmp_path / "data")
    return Terminal(tmp_path / "data")


# ------------------------------------------------------------------------------------------- help


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_explains_itself(empty: Terminal, name: str) -> None:
    text = empty.run(name, "--help").stdout

    assert "--json" in text
    assert not empty.data_dir.exists()


@pytest.mark.parametrize("asked", ["--version", "--help"])
def test_asking_what_there_is_loads_no_room(asked: str) -> None:
    program = (
        "import sys\n"
        "from app.cli import cli\n"
        f"cli([{asked!r}], standalone_mode=False)\n"
        "rooms = {'api', 'cases', 'documents', 'policies', 'retention', 'sqlalchemy', 'stock', 'storage', 'workflow'}\n"
        "print(sorted(rooms & sys.modules.keys()))"
    )

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)

    assert said.stdout.splitlines()[-1] == "[]", said.stdout


def test_the_first_help_names_every_command_and_exit_code(empty: Terminal) -> None:
    text = empty.run("--help").stdout

    assert all(name in text for name in COMMANDS)
    assert "130 interrupted" in " ".join(text.split())


def test_an_unknown_command_is_a_usage_error(empty: Terminal) -> None:
    assert "No such command" in empty.run("frobnicate", exit_code=2).stderr
    assert "did you mean 'store'?" in " ".join(empty.run("stor", "list", exit_code=2).stderr.split())


def test_every_option_of_every_command_says_what_it_is() -> None:
    def options(command: click.Command, path: str) -> Iterator[str]:
        for name, sub in command.commands.items() if isinstance(command, click.Group) else ():
            yield from options(sub, f"{path} {name}")
        for option in command.params:
            if isinstance(option, click.Option) and not option.help:
                yield f"{path} {option.opts[0]}"

    context = click.Context(cli)
    commands = {name: cli.get_command(context, name) for name in COMMANDS}

    assert [said for name, command in commands.items() if command for said in options(command, name)] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("frobnicate",), "No such command 'frobnicate'."),
        (("log", "proof", "abc"), "Invalid value for 'INDEX'"),
        (("import", "adjustments", "x.csv"), "Missing option '--mapping'"),
        (("log", "verify", "--frob"), "No such option '--frob'"),
        (("log", "verify", "--entry", "1", "--subject", "sku:A"), "--entry"),
    ],
)
def test_a_usage_error_is_json_where_json_was_asked_for(empty: Terminal, arguments: tuple[str, ...], says: str) -> None:
    error = empty.error(*arguments, exit_code=2)

    assert (error["code"], error["exit_code"]) == ("usage", 2)
    assert says in error["message"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("frobnicate",), "沒有 frobnicate 這個命令"),
        (("log", "proof", "abc"), "參數 INDEX 的值不正確；須為數字，最小為 0"),
        (("import", "adjustments", "x.csv"), "欠缺必要的選項 --mapping"),
        (("log", "verify", "--frob"), "沒有 --frob 這個選項"),
        (("log", "verify", "--checkpoint"), "選項 --checkpoint 的用法不正確，或欠缺其值"),
        (
            ("log", "verify", "--entry", "1", "--subject", "sku:A"),
            "--range、--since、--subject 與 --entry 最多只可有其一",
        ),
        (("log", "checkpoint", "1"), "命令的用法不正確（Got unexpected extra argument (1)）"),
        (("lot", "recall"), "沒有 lot 這個命令；你是指 lots 嗎？"),
        (("log", "verify", "--entri", "1"), "沒有 --entri 這個選項；你是指 --entry 嗎？"),
        (("token", "issue", "x", "--hours", "800"), "選項 --hours 的值不正確；須為數字，最小為 0.01，最大為 720"),
        (("log", "export", "--to"), "選項 --to 的用法不正確，或欠缺其值"),
        (
            ("user", "erase", "x", "--ground", "fun"),
            "選項 --ground 的值不正確；須為以下其中之一：requested, no_longer_needed",
        ),
    ],
)
def test_a_usage_error_is_told_in_chinese_where_chinese_was_chosen(
    empty: Terminal, arguments: tuple[str, ...], says: str
) -> None:
    chosen = empty.run("--language", "zh", *arguments, exit_code=2)
    as_json = empty.error(*arguments, exit_code=2)

    assert chosen.stderr == f"chopbook: {says}\n"
    assert as_json["message_zh"] == says
    assert "Error" in empty.run(*arguments, exit_code=2).output


def test_chinese_does_not_change_what_help_and_the_version_are(empty: Terminal) -> None:
    assert "Usage" in empty.run("--language", "zh", "log", "--help").stdout
    assert empty.run("--language", "zh", "--version").stdout == empty.run("--version").stdout
    assert "Usage" in empty.run("--language", "zh", "log", exit_code=2).output


def test_json_does_not_change_what_help_and_the_version_are(empty: Terminal) -> None:
    assert "Usage" in empty.run("--json", "log", "--help").stdout
    assert empty.run("--json", "--version").stdout == empty.run("--version").stdout
    assert "Usage" in empty.run("--json", "log", exit_code=2).output


# -------------------------------------------------------------------------------------- exit codes


@pytest.mark.parametrize(
    ("error", "exit_code", "code"),
    [
        (InvalidRequest(Code.LIST_EMPTY), ExitCode.REFUSED, "list_empty"),
        (UnknownThing(PolicyCode.STORE_UNKNOWN, "code"), ExitCode.REFUSED, "store_unknown"),
        (Refused("no", "不可"), ExitCode.REFUSED, "refused"),
        (MalformedNote("no"), ExitCode.REFUSED, "malformed_note"),
        (EventIdReused("x", 1), ExitCode.REFUSED, "event_id_reused"),
        (StorageError("no"), ExitCode.REFUSED, "storage_error"),
        (LogBusy(1), ExitCode.UNAVAILABLE, "log_busy"),
        (StorageFailed("no"), ExitCode.UNAVAILABLE, "storage_failed"),
        (NoLog("no"), ExitCode.NOT_SET_UP, "no_log"),
        (NotPermitted("no"), ExitCode.NOT_SET_UP, "not_permitted"),
        (KeyMissing("no"), ExitCode.NOT_SET_UP, "key_missing"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_error_of_a_room_has_its_exit_code(error: Exception, exit_code: ExitCode, code: str) -> None:
    ending = ending_of(error)

    assert ending is not None
    assert (ending.exit_code, ending.code) == (exit_code, code)
    assert re.match("[\u4e00-\u9fff]|code：", ending.zh)


def test_an_error_of_nobody_is_a_fault_of_ours() -> None:
    assert ending_of(ZeroDivisionError()) is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "範圍：整個日誌，"),
        (("--entry", "0"), "範圍：項目 0，"),
        (("--range", "0", "2"), "範圍：由起點至終點之前 0 2，"),
    ],
)
def test_what_was_verified_is_told_in_chinese(options: tuple[str, ...], said: str, terminal: Terminal) -> None:
    assert said in terminal.run("log", "verify", *options, "--language", "zh").stdout


def test_whoever_stops_a_command_is_told_what_became_of_it() -> None:
    @click.command()
    @command
    def stopping(run: Run) -> ExitCode:
        raise KeyboardInterrupt

    result = CliRunner().invoke(stopping, ["--json"])

    assert result.exit_code == ExitCode.INTERRUPTED
    assert json.loads(result.stderr)["error"]["code"] == "interrupted"


def test_a_full_disk_is_no_fault_of_ours() -> None:
    ending = ending_of(OSError(errno.ENOSPC, "No space left on device"))

    assert ending is not None
    assert (ending.exit_code, ending.code) == (ExitCode.UNAVAILABLE, "disk_full")
    assert "disk is full" in ending.en
    assert ending_of(OSError(errno.EBADF, "")) is None


def test_a_folder_with_too_little_room_is_not_ready(tmp_path: Path) -> None:
    assert disk_state(tmp_path, bytes_min=0) == "ok"
    assert disk_state(tmp_path, bytes_min=2**62) == "full"
    assert disk_state(tmp_path / "none") == "FileNotFoundError"


def test_without_a_log_the_message_says_what_to_do(empty: Terminal) -> None:
    error = empty.error("log", "checkpoint", exit_code=5)

    assert error["code"] == "no_log"
    assert "start one with `chopbook log create`" in error["message"]
    assert not empty.data_dir.exists()


@pytest.mark.parametrize(
    ("setting", "named"),
    [("CHOPBOOK_DATABASE_URL", "database (CHOPBOOK_DATABASE_URL)"), ("CHOPBOOK_KEYSTORE_URL", "key store (CHOPBOOK_")],
)
@pytest.mark.parametrize("arguments", [("log", "checkpoint"), ("serve",), ("db", "check")])
def test_a_database_that_nobody_answers_for_is_named_and_may_be_tried_again(
    terminal: Terminal, setting: str, named: str, arguments: tuple[str, ...]
) -> None:
    terminal.environ[setting] = "postgresql+psycopg://chopbook:not-told@127.0.0.1:1/chopbook"

    error = terminal.error(*arguments, exit_code=4)

    assert error["code"] == "storage_failed"
    assert error["message"].startswith(named)
    assert "refused" in error["message"]
    assert "not-told" not in error["message"]


def test_a_log_of_another_name_than_the_settings_say_is_not_opened(terminal: Terminal) -> None:
    terminal.environ["CHOPBOOK_LOG_ORIGIN"] = "other.example/shops"

    error = terminal.error("log", "checkpoint", exit_code=5)

    assert error["message"].startswith("CHOPBOOK_LOG_ORIGIN must be log.example/shops")
    terminal.environ["CHOPBOOK_LOG_ORIGIN"] = "log.example/shops"
    terminal.run("log", "checkpoint")


@pytest.mark.parametrize("held", ["not JSON", '{"keys": []}', '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}'])
def test_a_file_without_an_identity_providers_keys_stops_the_start(
    terminal: Terminal, tmp_path: Path, held: str
) -> None:
    (tmp_path / "jwks.json").write_text(held)
    terminal.environ |= {
        "CHOPBOOK_JWT_MODE": "jwks",
        "CHOPBOOK_JWKS_FILE": str(tmp_path / "jwks.json"),
        "CHOPBOOK_JWT_ISSUER": "https://id.example",
        "CHOPBOOK_JWT_AUDIENCE": "chopbook",
    }

    error = terminal.error("serve", "--port", "0", exit_code=5)

    assert error["message"].startswith("CHOPBOOK_JWKS_FILE must hold the public keys of your identity provider")


@pytest.mark.parametrize("arguments", [("log", "verify"), ("db", "upgrade"), ("log", "create")])
def test_a_file_that_is_no_database_is_named(terminal: Terminal, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "letter.db").write_text("Dear Sirs, " * 1000)
    terminal.environ["CHOPBOOK_DATABASE_URL"] = f"sqlite:///{tmp_path}/letter.db"

    error = terminal.error(*arguments, exit_code=4)

    assert error["message"] == (
        "database (CHOPBOOK_DATABASE_URL): expected a database that can be used, got: file is not a database"
    )


def test_a_wrong_path_of_the_database_leaves_no_file(terminal: Terminal, tmp_path: Path) -> None:
    terminal.environ["CHOPBOOK_DATABASE_URL"] = f"sqlite:///{tmp_path}/typo.db"

    errors = [terminal.error(*arguments, exit_code=5) for arguments in (("log", "verify"), ("db", "check"))]

    assert all("name the right one with CHOPBOOK_DATABASE_URL" in error["message"] for error in errors)
    assert not (tmp_path / "typo.db").exists()


def test_with_tables_but_no_log_the_message_says_what_to_do(empty: Terminal) -> None:
    empty.run("db", "upgrade")
    empty.run("db", "upgrade")

    error = empty.error("log", "checkpoint", exit_code=5)

    assert error["code"] == "no_log"
    assert "chopbook log create" in error["message"]


def test_a_lost_root_key_is_named(terminal: Terminal) -> None:
    (terminal.data_dir / "keys" / "root.key").unlink()

    error = terminal.error("log", "checkpoint", exit_code=5)

    assert error["code"] == "settings"
    assert "root.key cannot be read" in error["message"]


def test_a_second_log_is_refused(terminal: Terminal) -> None:
    assert terminal.error("log", "create", exit_code=3)["code"] == "log_exists"


def test_a_wrong_setting_says_what_to_change(empty: Terminal) -> None:
    empty.environ["CHOPBOOK_PORT"] = "many"

    error = empty.error("store", "list", exit_code=5)

    assert error["code"] == "settings"
    assert "CHOPBOOK_PORT must be" in error["message"]


def test_a_refusal_is_told_in_chinese_where_that_is_spoken(terminal: Terminal) -> None:
    name = ["--name-zh", "分店", "--name-en", "Store"]

    chinese = terminal.run("store", "add", "X1", "--area", "NO", *name, "--language", "zh", exit_code=3).stderr
    english = terminal.run("store", "add", "X1", "--area", "NO", *name, exit_code=3).stderr
    error = terminal.error("store", "add", "X1", "--area", "NO", *name, exit_code=3)

    assert error["code"] == "area_unknown"
    assert error["message_zh"] in chinese
    assert error["message"] in english


# --------------------------------------------------------------------------------------------- log


def test_a_new_log_says_its_key_and_keeps_its_secrets_to_itself(empty: Terminal) -> None:
    answer = empty.json("log", "create", "--origin", "log.example/new")

    assert answer["origin"] == "log.example/new"
    assert answer["vkey"].startswith("log.example/new+")
    assert answer["size"] == 41
    root_key = Path(answer["root_key_file"])
    assert root_key.stat().st_mode & 0o077 == 0
    assert (empty.data_dir / "keys").stat().st_mode & 0o077 == 0


def test_a_proof_proves_its_entry(terminal: Terminal) -> None:
    from audit.checkpoint import verify_tlog_proof
    from audit.keys import parse_vkey
    from audit.merkle import leaf_hash

    answer = terminal.json("log", "proof", "3", "--entry")

    index, _ = verify_tlog_proof(
        answer["tlog_proof"],
        leaf_hash=leaf_hash(answer["entry"].encode()),
        verifiers=[parse_vkey(answer["vkey"])],
        origin="log.example/shops",
    )
    assert index == 3


def test_a_proof_of_no_entry_is_refused(terminal: Terminal) -> None:
    assert terminal.error("log", "proof", "999", exit_code=3)["code"] == "not_found"


def test_an_export_verifies_away_from_the_database(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "out" / "log.ndjson"
    file.parent.mkdir()

    answer = terminal.json("log", "export", "--purpose", "assurance", "--output", file)
    verdict = Terminal(tmp_path / "nowhere").json(
        "log", "verify", "--file", file, "--vkey", f"{file}.vkey", "--checkpoint", f"{file}.checkpoint"
    )

    assert answer["entries"] == len(file.read_bytes().splitlines()) == verdict["entries_checked"]
    assert verdict["verdict"] == "valid_anchored"


def test_an_altered_export_is_found_out(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "log.ndjson"
    terminal.run("log", "export", "--purpose", "assurance", "-o", file)
    file.write_bytes(file.read_bytes().replace(b"Kowloon", b"Kowl00n", 1))

    verdict = terminal.json("log", "verify", "--file", file, exit_code=1)

    assert verdict["verdict"] == "tampered"
    assert {(fault["kind"], fault["index"]) for fault in verdict["faults"]} & {("altered", 41), ("link_broken", 42)}


def test_an_export_never_overwrites_and_is_in_the_log(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "log.ndjson"
    terminal.run("log", "export", "--purpose", "assurance", "-o", file, "--from", "2", "--to", "5")

    assert len(file.read_bytes().splitlines()) == 3
    assert b"access.read" not in file.read_bytes()
    assert terminal.error("log", "export", "--purpose", "assurance", "-o", file, exit_code=3)["code"] == "refused"
    everything = terminal.run("log", "export", "--purpose", "assurance").stdout
    assert everything.count('"type":"access.read"') == 3


def test_a_range_beyond_the_log_is_refused(terminal: Terminal) -> None:
    assert (
        "expected 0 <= from < to"
        in terminal.error("log", "export", "--purpose", "assurance", "--to", "999", exit_code=3)["message"]
    )


def test_verify_takes_the_whole_a_range_a_subject_an_entry_and_what_is_new(terminal: Terminal, tmp_path: Path) -> None:
    kept = tmp_path / "kept.note"
    kept.write_text(terminal.json("log", "checkpoint")["checkpoint"], encoding="utf-8")
    vkey = terminal.json("log", "checkpoint")["vkey"]
    terminal.run("area", "add", "NT", "--name-zh", "新界區", "--name-en", "New Territories")

    verdicts = [
        terminal.json("log", "verify", *arguments)["verdict"]
        for arguments in (
            [],
            ["--vkey", vkey, "--checkpoint", str(kept)],
            ["--range", "2", "9"],
            ["--subject", "area:KLN"],
            ["--entry", "3"],
            ["--since", str(kept), "--vkey", vkey],
        )
    ]

    assert verdicts[0] == "valid_unanchored"
    assert verdicts[1] == "valid_anchored"
    assert all(verdict.startswith("valid_") for verdict in verdicts)


def test_verify_refuses_contradictory_parts(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run("log", "verify", "--entry", "3", "--subject", "area:KLN", exit_code=2)
    file = tmp_path / "x.ndjson"
    file.write_bytes(b"")
    terminal.run("log", "verify", "--file", file, "--entry", "3", exit_code=2)
    assert "--checkpoint" in terminal.error("log", "verify", "--file", file, exit_code=3)["message"]


def test_a_tampered_database_is_found_out(terminal: Terminal) -> None:
    import sqlite3

    with sqlite3.connect(terminal.data_dir / "chopbook.db") as connection:
        connection.execute("DROP TRIGGER entries_refuse_update")
        connection.execute("UPDATE entries SET actor = 'p_other' WHERE entry_index = 14")
    connection.close()

    result = terminal.run("log", "verify", exit_code=1)

    assert "TAMPERED" in result.stdout
    assert "entry 14: column_disagrees" in result.stdout


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE entries SET bytes = 'junk' WHERE entry_index = 0", "entry 0: altered"),
        ("DELETE FROM entries WHERE entry_index = 0", "entry 0: deleted"),
        ("UPDATE entries SET bytes = 'junk'", "entry 0: altered"),
        ("DELETE FROM entries", "entry 0: truncated"),
        (
            "DELETE FROM log_head",
            "head_wrong (log_head): the head of the log is not what the entries give; expected one row",
        ),
        (
            "DELETE FROM checkpoints; DELETE FROM log_head",
            "head_wrong (log_head): the head of the log is not what the entries give; expected one row",
        ),
    ],
)
def test_whatever_is_left_of_a_log_is_told_in_words(terminal: Terminal, statement: str, named: str) -> None:
    _tamper(terminal, statement)

    result = terminal.run("log", "verify", exit_code=1)

    assert "TAMPERED" in result.stdout
    assert named in result.stdout


def test_verifying_asks_for_no_key(terminal: Terminal) -> None:
    (terminal.data_dir / "keys" / "keys.db").unlink()
    (terminal.data_dir / "keys" / "root.key").unlink()

    terminal.run("log", "verify")


def test_where_there_is_no_log_that_is_told_in_chinese(terminal: Terminal, tmp_path: Path) -> None:
    nowhere = terminal.run("--language", "zh", "--data-dir", tmp_path / "none", "log", "verify", exit_code=5)
    twice = terminal.run("--language", "zh", "log", "create", exit_code=3)

    assert "：沒有日誌；請以 chopbook log create 開始" in nowhere.stderr
    assert "expected" not in nowhere.stderr
    assert twice.stderr == "chopbook: 日誌已存在，不會另建\n"


def test_a_log_without_its_head_is_not_taken_for_none(terminal: Terminal) -> None:
    _tamper(terminal, "DELETE FROM log_head")

    assert "chopbook log verify" in terminal.error("log", "checkpoint", exit_code=5)["message"]
    assert terminal.error("log", "create", exit_code=3)["code"] == "log_exists"


def test_a_tampered_log_is_told_in_chinese(terminal: Terminal) -> None:
    _tamper(terminal, "UPDATE entries SET bytes = 'junk' WHERE entry_index = 3")

    text = terminal.run("--language", "zh", "log", "verify", exit_code=1).stdout
    words = terminal.json("log", "verify", exit_code=1)["words"]

    assert "遭竄改" in text
    assert "第 3 項：altered（entries.bytes）：此項的位元組與當初記錄的不同；應為" in text
    assert "在此無從得知：密鑰是否真確" in text
    assert text.rstrip().endswith("可用 --checkpoint 和 --vkey 提供")
    assert words["altered"] == {
        "zh-Hant-HK": "此項的位元組與當初記錄的不同",
        "en": "the entry has other bytes than those that were logged",
    }
    assert words["tampered"]["zh-Hant-HK"].startswith("遭竄改")
    assert "key_self_attested" in words


def _tamper(terminal: Terminal, statements: str) -> None:
    import sqlite3

    with sqlite3.connect(terminal.data_dir / "chopbook.db") as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _sql in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements.split(";"):
            connection.execute(statement)
        for _name, sql in triggers:
            connection.execute(sql)
    connection.close()


def test_the_signing_key_is_rotated_by_an_entry(terminal: Terminal) -> None:
    before = terminal.json("log", "checkpoint")["vkey"]

    answer = terminal.json("key", "rotate")

    assert answer["previous_vkey"] == before != answer["vkey"]
    assert terminal.json("log", "checkpoint")["vkey"] == answer["vkey"]
    assert terminal.json("log", "verify", "--vkey", before)["key_pinned"]
    assert '"decision":' in terminal.json("log", "proof", str(answer["entry"]), "--entry")["entry"]


# -------------------------------------------------------------------------------- people and keys


def test_people_are_added_assigned_named_and_erased(terminal: Terminal) -> None:
    person = terminal.json("user", "add", "--name", "陳大文", "--role", "store_manager")["id"]
    terminal.run("user", "assign", person, "--store", "MK01")

    assert terminal.json("user", "list")["users"] == [
        {"id": person, "role": "store_manager", "state": "active", "assigned_to": ["store:MK01"]}
    ]
    assert terminal.json("user", "list", "--names")["users"][0]["name"] == "陳大文"
    assert "陳大文" not in terminal.run("log", "export", "--purpose", "assurance").stdout

    terminal.run("user", "unassign", person, "--store", "MK01")
    terminal.run("user", "erase", person, input="n\n", exit_code=3)
    terminal.run("user", "erase", person, "--yes")

    listed = terminal.json("user", "list", "--names")["users"][0]
    assert (listed["state"], listed["name"], listed["assigned_to"]) == ("erased", None, [])
    assert terminal.json("log", "verify")["verdict"] == "valid_unanchored"


def test_an_account_is_closed_and_reopened(terminal: Terminal) -> None:
    person = terminal.json("user", "add", "--name", "李小文", "--role", "auditor")["id"]

    terminal.run("user", "close", person)
    assert terminal.error("token", "issue", person, exit_code=3)["code"] == "principal_closed"
    terminal.run("user", "reopen", person)
    assert terminal.run("token", "issue", person).stdout.count(".") == 2


def test_an_assignment_needs_exactly_one_place(terminal: Terminal) -> None:
    terminal.run("user", "assign", "p_x", exit_code=2)
    terminal.run("user", "assign", "p_x", "--store", "MK01", "--everywhere", exit_code=2)


def test_a_token_for_nobody_is_refused_by_name_and_is_no_failed_sign_in(terminal: Terminal) -> None:
    before = terminal.json("log", "checkpoint")["size"]

    error = terminal.error("token", "issue", "bob", exit_code=3)

    assert (error["code"], error["message"]) == ("principal_unknown", "bob: There is no such account.")
    assert terminal.json("log", "checkpoint")["size"] == before


def test_keys_are_issued_once_listed_and_revoked(terminal: Terminal) -> None:
    client = terminal.json("client", "add", "收銀機一號")["id"]
    terminal.run("user", "assign", client, "--everywhere")

    issued = terminal.json("key", "issue", client, "--scope", "stock.adjust", "--rate", "60")
    listed = terminal.json("key", "list")["keys"]

    assert issued["secret"].startswith(f"ck_{issued['key']}_")
    assert [(key["key"], key["state"], key["scopes"]) for key in listed] == [
        (issued["key"], "active", ["stock.adjust"])
    ]
    assert issued["secret"] not in json.dumps(listed)
    terminal.run("key", "revoke", issued["key"])
    assert terminal.json("key", "list")["keys"][0]["state"] == "revoked"
    assert terminal.json("client", "list")["clients"][0]["label"] == "收銀機一號"


def test_a_key_with_an_impossible_end_is_refused(terminal: Terminal) -> None:
    client = terminal.json("client", "add", "till")["id"]

    assert "with a zone" in terminal.error("key", "issue", client, "--expires", "2027-01-01", exit_code=3)["message"]
    assert "expected one like" in terminal.error("key", "issue", client, "--expires", "soon", exit_code=3)["message"]


def test_commands_act_as_a_person_who_may(terminal: Terminal) -> None:
    operator = terminal.json("user", "add", "--name", "王小明", "--role", "operator")["id"]
    auditor = terminal.json("user", "add", "--name", "黃小華", "--role", "auditor")["id"]
    name = ["--name-zh", "新界區", "--name-en", "New Territories"]

    entry = terminal.json("area", "add", "NT", *name, "--as", operator)["entry"]

    assert f'"id":"{operator}"' in terminal.json("log", "proof", str(entry), "--entry")["entry"]
    assert terminal.error("area", "add", "HKI", *name, "--as", auditor, exit_code=3)["code"] == "role_lacks_action"
    assert terminal.error("area", "add", "HKI", *name, "--as", "p_none", exit_code=3)["code"] == "principal_unknown"
    types = [
        json.loads(line)["type"] for line in terminal.run("log", "export", "--purpose", "assurance").stdout.splitlines()
    ]
    assert types.count("access.denied") == 1
    assert types.count("sign_in.failed_summary") == 1


def test_a_stores_threshold_is_set_and_what_waits_is_approved_by_name(terminal: Terminal) -> None:
    answer = terminal.json("store", "approval", "MK01", "--above", "100")

    assert (answer["store"], answer["approval_above"]) == ("MK01", 100)
    stores = {store["code"]: store["approval_above"] for store in terminal.json("store", "list")["stores"]}
    assert stores["MK01"] == 100
    assert terminal.json("store", "approval", "MK01")["approval_above"] is None
    assert terminal.error("stock", "approve", "0" * 32, exit_code=3)["code"] == "pending_unknown"


def test_the_key_store_is_backed_up_and_restored_without_the_erased(terminal: Terminal, tmp_path: Path) -> None:
    kept = terminal.json("user", "add", "--name", "留下", "--role", "auditor")["id"]
    gone = terminal.json("user", "add", "--name", "離開", "--role", "auditor")["id"]
    backup = tmp_path / "keys.backup"
    terminal.run("keystore", "backup", backup)
    assert terminal.error("keystore", "backup", backup, exit_code=3)["code"] == "refused"
    terminal.run("user", "erase", gone, "--yes")
    (terminal.data_dir / "keys" / "keys.db").unlink()

    terminal.run("keystore", "restore", backup)

    names = {user["id"]: user["name"] for user in terminal.json("user", "list", "--names")["users"]}
    assert names == {kept: "留下", gone: None}


# ------------------------------------------------------------------------------------------ import

MAPPING = """
format = "chopbook-import/1"
[columns]
sku = "SKU"
quantity = "Qty"
[constants]
store = "TST1"
[sku]
create = true
name_zh = "SKU"
[[rule]]
name = "all"
change = "keep"
reason = "stocktake"
"""


def test_an_import_tells_what_became_of_every_row(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")
    file = tmp_path / "moves.csv"
    file.write_text("SKU,Qty\nA1,5\nA1,x\nA2,-2\n", encoding="utf-8")
    arguments: list[str | Path] = ["import", "adjustments", file, "--mapping", tmp_path / "m.toml"]

    dry = terminal.json(*arguments, "--dry-run", exit_code=1)
    done = terminal.json(*arguments, exit_code=1)
    again = terminal.run(*arguments, exit_code=1).stdout

    assert (dry["movements"], dry["missing_skus"]) == (2, ["A1", "A2"])
    assert (done["rows"], done["logged"], done["rejected_rows"], done["change_logged"]) == (3, 2, 1, "3")
    assert "in the file = logged + replayed + rejected" in again
    assert Path(done["rejects_file"]).read_text("utf-8-sig").splitlines()[1].startswith("3,bad,quantity,")
    chinese = [terminal.run("--language", "zh", *arguments, *more, exit_code=1).stdout for more in ([], ["--dry-run"])]
    assert "行數和數量相符：檔案內 = 已記錄 + 先前已記錄 + 拒收" in chinese[0]
    assert "1 行被拒收（該行有誤）：quantity" in chinese[0]
    assert chinese[1].startswith("3 行 = 將記錄 0 + 日誌已有 2 + 拒收 1；沒有寫入任何內容")
    assert terminal.json("stock", "reconcile")["disagreements"] == []


def test_shrinkage_of_what_machines_recorded_is_of_nobody_and_shown(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")
    file = tmp_path / "moves.csv"
    file.write_text("SKU,Qty\nA1,5\nA2,-7\n", encoding="utf-8")
    terminal.run("import", "adjustments", file, "--mapping", tmp_path / "m.toml")
    month = f"{system_clock().astimezone(HONG_KONG):%Y-%m}"
    arguments: list[str | Path] = ["stock", "shrinkage", "--from", month, "--to", month, "--by", "sku"]

    report = terminal.json(*arguments)
    terminal.run(*arguments, "--csv", tmp_path / "lost.csv")

    (store,) = report["stores"]
    assert {row["key"]: row["figure"]["quantity"] for row in store["rows"]} == {"A1": "-5", "A2": "7"}
    assert (report["total"], report["suppressed"]) == ({"movements": 2, "quantity": "2"}, 0)
    assert (tmp_path / "lost.csv").read_text("utf-8").splitlines()[-1] == "*,,2,2,false"
    assert terminal.error(*arguments, "--csv", tmp_path / "lost.csv", exit_code=3)["code"] == "refused"


def test_an_import_without_faults_exits_with_0(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")
    file = tmp_path / "moves.csv"
    file.write_text("SKU,Qty\nA1,5\n", encoding="utf-8")

    done = terminal.json("import", "adjustments", file, "--mapping", tmp_path / "m.toml", "--set", "store=MK01")

    assert done["logged"] == 1
    terminal.run("import", "adjustments", file, "--mapping", tmp_path / "m.toml", "--set", "shop=MK01", exit_code=2)


def test_an_import_in_another_encoding_is_refused_by_name(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")
    file = tmp_path / "moves.csv"
    file.write_bytes("SKU,Qty,貨名\nA1,5,檸檬茶白米豉油\n".encode("big5"))

    error = terminal.error("import", "adjustments", file, "--mapping", tmp_path / "m.toml", exit_code=3)

    assert error["code"] == "encoding_refused"
    assert "got big5" in error["message"]


def test_skus_are_imported_once(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "skus.csv"
    file.write_text(
        "code,name_zh,name_en,unit,scale,gtin\n"
        "A1,檸檬茶,Lemon tea,pack,,4891234567898\n"
        "A2,臘腸,Sausage,kilogram,3,\n"
        "A3,白米,Rice,sack,,\n"
        "A4,豉油,Soy sauce,bottle,,4891234567890\n",
        encoding="utf-8",
    )

    dry = terminal.json("import", "skus", file, "--dry-run", exit_code=1)
    done = terminal.json("import", "skus", file, exit_code=1)
    again = terminal.json("import", "skus", file, exit_code=1)

    assert (dry["created"], done["created"], again["created"], again["unchanged"]) == (2, 2, 0, 2)
    reasons = Path(done["rejects_file"]).read_text("utf-8-sig").splitlines()[1:]
    assert [line.split(",")[:3] for line in reasons] == [
        ["4", "refused", "choice_unknown"],
        ["5", "refused", "gtin_check_digit"],
    ]


# -------------------------------------------------------------------------------------------- rest


def test_a_file_that_names_one_sku_in_two_ways_has_its_later_row_rejected(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "skus.csv"
    file.write_text("code,name_zh,unit\nA1,甲,piece\nA1,乙,piece\nA1,甲,piece\n", encoding="utf-8")

    dry = terminal.json("import", "skus", file, "--dry-run", exit_code=1)
    done = terminal.json("import", "skus", file, exit_code=1)

    assert (dry["created"], dry["unchanged"], dry["rejected"]) == (1, 1, 1)
    assert (done["created"], done["unchanged"], done["rejected"]) == (1, 1, 1)
    assert "3,refused,sku_exists" in (tmp_path / "skus.csv.rejects.csv").read_text(encoding="utf-8-sig")


def test_a_database_is_checked(terminal: Terminal) -> None:
    import sqlite3

    answer = terminal.json("db", "check")
    with sqlite3.connect(terminal.data_dir / "keys" / "keys.db") as connection:
        connection.execute("DELETE FROM wrapped_keys WHERE kind = 'signing'")
    connection.close()

    broken = terminal.json("db", "check", exit_code=1)

    assert set(answer["checks"].values()) == {"ok"}
    assert answer["schema"] == answer["expected"]
    assert "expected a stored key" in broken["checks"]["signing_key"]


def test_another_schema_is_refused_until_it_is_upgraded(terminal: Terminal) -> None:
    import sqlite3

    with sqlite3.connect(terminal.data_dir / "chopbook.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()

    error = terminal.error("store", "list", exit_code=5)

    assert error["code"] == "not_upgraded"
    assert "chopbook db upgrade" in error["message"]


def test_sample_data_never_ends_in_a_real_log(terminal: Terminal) -> None:
    size = terminal.json("log", "checkpoint")["size"]

    for _ in range(2):
        assert "got another's" in terminal.error("demo", "--no-serve", exit_code=3)["message"]

    assert terminal.json("log", "checkpoint")["size"] == size


def test_grants_name_the_role(empty: Terminal) -> None:
    statements = empty.json("db", "grants", "chopbook_service")["statements"]

    assert any('ON "entries" TO "chopbook_service"' in statement for statement in statements)
    assert not any("DELETE" in statement and '"entries"' in statement for statement in statements)


def test_columns_line_up_under_chinese_text() -> None:
    text = table(("code", "n"), [("旺角", 1), ("A", 20)])

    assert text.splitlines() == ["code   n", "----  --", "旺角   1", "A     20"]


def test_lists_show_what_there_is(terminal: Terminal) -> None:
    assert "KLN   九龍區  Kowloon" in terminal.run("area", "list").stdout
    assert [store["code"] for store in terminal.json("store", "list")["stores"]] == ["MK01", "TST1"]
