"""The store of wrapped keys: see how it is, back it up, restore it, roll its epoch, change and recover the root key."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import rich_click as click

from app.clock import system_entropy
from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.output import table
from app.document_keys import exported_key
from app.exits import Refused
from app.os_words import reason_of
from app.ring import ring_of
from app.secret_files import SecretFileError, read_root_key, write_root_key
from app.settings import Settings
from audit.canonical import JSON
from audit.event import format_time, time_us
from policies.model import Action, Decision, Resource, Role
from policies.using.purposes import UsePurpose
from policies.using.rules import Use
from storage.errors import KeyUnreadable
from storage.key_events import KEYSTORE_ROLLED, KEYSTORE_ROOT_CHANGED, record_key_care
from storage.keystore import KeyStore
from storage.keystore_care import Fact
from storage.root_key import fingerprint_of, parse_recovery_share, recovery_share

if TYPE_CHECKING:
    from app.wiring import House

_NEW_SUFFIX = ".new"


@group("keystore")
def keystore_group() -> None:
    """Groups the commands of the key store."""


@keystore_group.command("show", help="Show epochs, how many keys there are, and when they were last backed up.")
@click.option("--share", is_flag=True, help="Print the recovery share: who has it has the root key.")
@command
def show(run: Run, *, share: bool) -> None:
    """Shows how the key store is."""
    with _opened(run.settings) as store:
        report = store.report()
    document = report.to_json(_fact_json)
    lines = [
        f"root key {report.root_fingerprint}",
        table(
            ("epoch", "keys", "of these documents"),
            [(e.epoch, sum(e.keys.values()), e.keys.get("document", 0)) for e in report.epochs],
        ),
        f"destroyed for good: {report.destroyed} documents",
        f"last backup: {_said(report.last_backup)}",
        f"last test restore: {_said(report.last_test_restore)}",
        f"last roll: {_said(report.last_roll)}",
    ]
    if report.is_rolling:
        lines.append("A roll was begun and not ended: run chopbook keystore roll-epoch again.")
    if share:
        lines += share_text(run.settings.root_key())
        document["recovery_share"] = list(recovery_share(run.settings.root_key()))
    run.out.answer(document, lines)


@keystore_group.command(
    "backup", help="Write every key, still wrapped, to a new file, and test it. It opens only with the root key."
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@command
def backup(run: Run, file: Path) -> None:
    """Backs up the key store."""
    with _opened(run.settings) as store, _writing(file):
        count = store.backup(file, now=run.now())
    run.out.answer(
        {"keys": count, "file": str(file)},
        f"{count} keys in {file}, read back and compared; keep it apart from the database's backups",
    )


@keystore_group.command("restore", help="Put back keys that are missing; what was erased or destroyed stays so.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@command
def restore(run: Run, file: Path) -> None:
    """Restores the key store."""
    with _opened(run.settings) as store:
        added = store.restore(file)
    with run.house() as house:
        # Opening the policies destroyed them already; this is to be sure, and to know.
        house.policies.complete_erasures()
        erased = len(house.policies.directory().erased)
    run.out.answer(
        {"added": added, "erased_people": erased},
        f"{added} keys put back; the keys of {erased} erased people stay destroyed",
    )


@keystore_group.command(
    "roll-epoch",
    help="Wrap every key anew, back up to a new FILE and test it, then destroy the old epoch: old backups open nothing any more.",
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_option
@command
def roll_epoch(run: Run, file: Path, principal_id: str | None) -> None:
    """Rolls the epoch."""
    with run.house() as house:
        decision = _decided(house, principal_id)
        keys = house.storage.keys
        with _writing(file):
            count = keys.roll_epoch(file, now=run.now())
        epoch = keys.epochs()[-1]
        committed = record_key_care(
            house.storage,
            KEYSTORE_ROLLED,
            {"epoch": epoch, "keys": count},
            actor=decision.principal.actor,
            event_id=run.new_id(),
            decide=lambda tx: house.policies.confirm(tx, decision),
        )
    run.out.answer(
        {"epoch": epoch, "keys": count, "file": str(file), "entry": committed.receipt.index},
        [
            f"{count} keys wrapped under epoch {epoch}; {file} read back and compared: entry {committed.receipt.index}",
            "Backups of the key store made before are worthless now. Keep epochs.ring, which lies beside the new one, with it.",
        ],
    )


@keystore_group.command(
    "rotate-root", help="Give the key store a new root key. Run again, it goes on where it was stopped."
)
@as_option
@command
def rotate_root(run: Run, principal_id: str | None) -> None:
    """Changes the root key."""
    settings = run.settings
    new_file = settings.root_key_file.with_name(settings.root_key_file.name + _NEW_SUFFIX)
    if new_file.exists() and _take_over(settings, new_file):
        run.out.note("the new root key was in force already; its file has taken the old one's place")
    else:
        # A file that is there and opens nothing was made by a run that was stopped before it changed anything.
        new_file.unlink(missing_ok=True)
        new = write_root_key(new_file, system_entropy, settings.root_key_passphrase_file)
        with _opened(settings) as store:
            store.rewrap_root(new)
        new_file.replace(settings.root_key_file)
    run.forget_settings()
    fingerprint = fingerprint_of(run.settings.root_key())
    with run.house() as house:
        decision = _decided(house, principal_id)
        committed = record_key_care(
            house.storage,
            KEYSTORE_ROOT_CHANGED,
            {"root_fingerprint": fingerprint},
            actor=decision.principal.actor,
            event_id=run.new_id(),
            decide=lambda tx: house.policies.confirm(tx, decision),
        )
    text = [
        f"root key {fingerprint} is in force: entry {committed.receipt.index}; now start servers and workers again",
        *share_text(run.settings.root_key()),
    ]
    document = {
        "root_fingerprint": fingerprint,
        "entry": committed.receipt.index,
        "recovery_share": list(recovery_share(run.settings.root_key())),
    }
    run.out.answer(document, text)


@keystore_group.command(
    "protect", help="Put the root key's file under the passphrase of CHOPBOOK_ROOT_KEY_PASSPHRASE_FILE."
)
@command
def protect(run: Run) -> None:
    """Protects the root key file."""
    settings = run.settings
    if settings.root_key_passphrase_file is None:
        msg = "protect: expected CHOPBOOK_ROOT_KEY_PASSPHRASE_FILE to be set, got none"
        raise Refused(msg, "保護：須設定 CHOPBOOK_ROOT_KEY_PASSPHRASE_FILE")
    key, path = settings.root_key(), settings.root_key_file
    new_file = path.with_name(path.name + ".protected")
    new_file.unlink(missing_ok=True)
    write_root_key(new_file, system_entropy, settings.root_key_passphrase_file, key=key)
    new_file.replace(path)
    run.out.answer(
        {"root_key_file": str(path), "root_fingerprint": fingerprint_of(key)},
        f"{path} opens only with the passphrase now; the disk may still hold the old file's bytes",
    )


@keystore_group.command(
    "recover", help="Write the root key's file again from the recovery share, read from standard input."
)
@command
def recover(run: Run) -> None:
    """Recovers the root key from paper."""
    settings = run.settings
    if sys.stdin.isatty():
        run.out.note("Type the nine lines of the recovery share, then an empty line:")
    key = parse_recovery_share(_read_share())
    if settings.root_key_file.exists():
        msg = f"recover: expected no root key file, got one: {settings.root_key_file}; move it away first"
        raise Refused(msg, f"復原：須沒有根密鑰檔案，但已有 {settings.root_key_file}；請先將其移走")
    # Opening proves that the share is of this key store, before anything is written.
    KeyStore(settings.keystore_url, key, entropy=system_entropy, ring=ring_of(settings)).close()
    try:
        write_root_key(settings.root_key_file, system_entropy, settings.root_key_passphrase_file, key=key)
    except SecretFileError as error:
        raise Refused(str(error), error.zh) from error
    run.out.answer(
        {"root_key_file": str(settings.root_key_file), "root_fingerprint": fingerprint_of(key)},
        f"{settings.root_key_file} written; it opens the key store",
    )


@keystore_group.command(
    "export-key",
    help="Write a document's key to a new FILE, for `chopbook documents decrypt` on a machine without Chopbook's keys.",
)
@click.argument("document", type=click.UUID)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_option
@command
def export_key(run: Run, document: UUID, file: Path, principal_id: str | None) -> None:
    """Exports a document's key, once the log says who takes it."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        decision = house.policies.require(
            principal, Action.DOCUMENT_READ_SENSITIVE, Resource("document", str(document), whole_log=True)
        )
        key = house.vault.export_key(document)
        change = house.policies.record_read(
            decision, event_id=run.new_id(), detail={"exported": "document_key"}, use=Use(UsePurpose.RECORD_KEEPING)
        )
        committed = house.storage.log.commit(change)
        with _writing(file):
            descriptor = file.open("x", encoding="ascii")
            with descriptor:
                file.chmod(0o600)
                json.dump(exported_key(document, key), descriptor)
                descriptor.write("\n")
    run.out.answer(
        {"document": str(document), "file": str(file), "entry": committed.receipt.index},
        f"{file} opens every version of the document: entry {committed.receipt.index}",
    )


def share_text(root_key: bytes) -> list[str]:
    """The recovery share for people, in both languages."""
    return [
        "",
        "Recovery share — write it down or print it, and lock it away, apart from every backup:",
        "還原碼：請抄寫或列印，與所有備份分開鎖存。",
        *(f"    {line}" for line in recovery_share(root_key)),
        f"    root key {fingerprint_of(root_key)}",
        "Without the root key's file and without these lines nothing can ever be opened again.",
    ]


def _fact_json(fact: Fact) -> JSON:
    return {"at": format_time(time_us(fact.at)), "file": fact.file, "keys": fact.keys}


def _said(fact: Fact | None) -> str:
    return "never" if fact is None else f"{format_time(time_us(fact.at))}, {fact.keys} keys, {fact.file}"


def _read_share() -> str:
    lines: list[str] = []
    for line in sys.stdin:
        if not line.strip() and lines:
            break
        lines.append(line.rstrip("\n"))
    return "\n".join(lines)


def _take_over(settings: Settings, new_file: Path) -> bool:
    """Whether an earlier run changed the store already: then its file takes the old one's place."""
    try:
        new = read_root_key(new_file, settings.root_key_passphrase_file)
        KeyStore(settings.keystore_url, new, entropy=system_entropy, ring=ring_of(settings)).close()
    except (SecretFileError, KeyUnreadable):
        return False
    new_file.replace(settings.root_key_file)
    return True


def _decided(house: House, principal_id: str | None) -> Decision:
    principal = acting_principal(house, principal_id, Role.OPERATOR)
    resource = Resource("log", house.storage.log.origin, whole_log=True)
    return house.policies.require(principal, Action.SIGNING_ROTATE, resource)


@contextmanager
def _opened(settings: Settings) -> Iterator[KeyStore]:
    store = KeyStore(settings.keystore_url, settings.root_key(), entropy=system_entropy, ring=ring_of(settings))
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        msg = f"file: expected a new one, got one that exists: {file}"
        raise Refused(msg, f"檔案：須為新檔案，但已經存在：{file}") from error
    except OSError as error:
        msg = f"file: expected one that can be written, got {error.strerror}: {file}"
        raise Refused(msg, f"檔案：須可寫入（{reason_of(error).zh}）：{file}") from error
