"""Certificates of destruction on paper: what the JSON of `retention.disposal.certificates` says, in Chinese and English.

- Only a certificate that holds is printed: the file is verified first.
- The paper proves nothing by itself. It names the digests, and the file it was made from is attached to it.
- It says nothing that the file does not say: pseudonyms, ids, codes and digests.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Final

import msgspec

from audit.canonical import load
from audit.checkpoint import parse_tlog_proof
from audit.merkle import leaf_hash
from documents import certificate_texts as say
from documents.inspecting import PartsAway
from documents.parts import code_of
from documents.rendering.font_places import PLACES, installed_font
from documents.rendering.sheets import Row, Section, Sheet, Words
from documents.sandbox import SandboxError, SpoolFileRef
from retention.disposal.certificates import verify_certificate
from retention.model import Status, Trigger
from retention.rules import HONG_KONG
from retention.words import STATUS_WORDS, TRIGGER_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from documents.sandbox import Sandbox

TASK: Final = "documents.rendering.tasks:printed_sheet"
TIMEOUT_S: Final = 60.0
OBJECTS_MAX: Final = 1_000
COPIES_MAX: Final = 100
"""What is beyond these bounds stands in the attached file, and the paper says so."""


class CertificatePrinter:
    """Prints certificates. Safe for use from many threads."""

    def __init__(self, sandbox: Sandbox, places: Sequence[Path] = PLACES) -> None:
        """`places`: where the font may be."""
        self._sandbox: Final = sandbox
        self._places: Final = places

    def pdf(self, file: bytes) -> bytes:
        """A PDF/A-3b of a certificate's file, with the file attached; the same bytes for the same file and font.

        Raises:
            CertificateBroken: it does not prove what it says.
            FontMissing: no font with Chinese characters is installed.
            PartsAway: a child process could not be had, or died.
        """
        blobs = [msgspec.json.encode(sheet_of(file)), file]
        font = SpoolFileRef(installed_font(self._places))
        try:
            _, made = self._sandbox.run(TASK, {}, blobs=blobs, spool=font, timeout_s=TIMEOUT_S)
        except SandboxError as error:
            raise PartsAway(code_of(error)) from error
        return made[0]


def sheet_of(file: bytes, *, objects_max: int = OBJECTS_MAX) -> Sheet:
    """What is printed of a certificate's file, with at most so many objects.

    Raises:
        CertificateBroken: it does not prove what it says.
    """
    proved = verify_certificate(file)
    found = msgspec.convert(load(file), _File)
    body = found.certificate
    return Sheet(
        title=say.TITLE,
        number=body.disposal,
        note=say.NOTE,
        sections=(
            _issue(body),
            Section(say.AUTHORITY, tuple(_authority(one) for one in body.authority)),
            _decisions(body),
            Section(_filled(say.RECORDS, count=len(body.records)), tuple(_records(body.records, objects_max))),
            _residual(body.residual),
            _proof(found, proved.entry_index, file),
        ),
        file_name=f"certificate-{body.disposal}.json",
        made_at=datetime.fromisoformat(body.certified_at),
    )


# --------------------------------------------------------------------------------- what is read of the file


class _Word(msgspec.Struct, frozen=True):
    entry: int
    by: str = ""
    holds_standing: int = 0


class _Decisions(msgspec.Struct, frozen=True):
    proposed: _Word
    approved: _Word
    begun: _Word


class _Authority(msgspec.Struct, frozen=True):
    schedule: str
    title_zh: str
    title_en: str
    citation_zh: str
    citation_en: str
    status: Status
    verified_on: str


class _Key(msgspec.Struct, frozen=True):
    id: str
    epoch: int


class _Object(msgspec.Struct, frozen=True):
    bucket: str
    key: str
    version_id: str
    sha256: str
    locked_until: str | None = None
    lock_mode: str | None = None


class _Cited(msgspec.Struct, frozen=True):
    schedule: str
    verified_on: str | None
    trigger: Trigger | None = None
    triggered_on: str | None = None


class _Record(msgspec.Struct, frozen=True, rename={"own": "class"}):
    record: str
    own: str
    record_class: str
    schedules: tuple[str | _Cited, ...]
    """Names alone in certificates of `chopbook-disposal-certificate/1`."""
    due_from: str
    key: _Key
    objects: tuple[_Object, ...]
    strays: int
    dispose_by: str | None = None
    residues: tuple[_Object, ...] = ()


class _Copy(msgspec.Struct, frozen=True):
    record: str
    entry: int
    what: str


class _Residual(msgspec.Struct, frozen=True):
    locked_objects: int
    locked_until: str | None
    key_epochs: tuple[int, ...]
    copies: tuple[_Copy, ...]
    copies_count: int


class _Body(msgspec.Struct, frozen=True):
    origin: str
    disposal: str
    preview: str
    certified_at: str
    decisions: _Decisions
    method: str
    authority: tuple[_Authority, ...]
    records: tuple[_Record, ...]
    residual: _Residual


class _File(msgspec.Struct, frozen=True):
    certificate: _Body
    entry: str
    tlog_proof: str
    vkey: str


# ------------------------------------------------------------------------------------- what is said of it


def _issue(body: _Body) -> Section:
    rows = (
        Row(say.NUMBER, (body.disposal,)),
        Row(say.LOG, (body.origin,)),
        Row(say.CERTIFIED_AT, (_time(body.certified_at),)),
        Row(say.PLAN, (f"SHA-256 {body.preview}",), fine=True),
        Row(say.METHOD, _both(say.METHODS[body.method])),
    )
    return Section(say.ISSUE, rows)


def _authority(one: _Authority) -> Row:
    status, checked = STATUS_WORDS[one.status], _filled(say.CHECKED, day=one.verified_on)
    values = (
        one.title_zh,
        one.title_en,
        one.citation_zh,
        one.citation_en,
        f"{status.zh}，{checked.zh}",
        f"{status.en}, {checked.en}",
    )
    return Row(Words(one.schedule, ""), values)


def _decisions(body: _Body) -> Section:
    words = body.decisions
    rows = [
        Row(label, (" ".join(filter(None, (word.by, _line(_filled(say.BY_ENTRY, entry=word.entry))))),))
        for label, word in (
            (say.PROPOSED, words.proposed),
            (say.APPROVED, words.approved),
            (say.BEGUN, words.begun),
        )
    ]
    held = Row(say.HOLDS, (_line(_filled(say.NONE_HELD, count=words.begun.holds_standing)),))
    return Section(say.DECISIONS, (*rows, held))


def _records(records: Sequence[_Record], objects_max: int) -> Iterator[Row]:
    left = objects_max
    total = sum(len(one.objects) + len(one.residues) for one in records)
    for number, one in enumerate(records, start=1):
        yield Row(Words(f"{number}", ""), (one.record, *_facts(one)))
        for label, targets in ((say.GONE, one.objects), (say.KEPT, one.residues)):
            values = [value for target in targets[:left] for value in _object(target)]
            left -= min(left, len(targets))
            if values:
                yield Row(label, tuple(values), fine=True)
    if total > objects_max:
        yield Row(say.MORE, _both(_filled(say.MORE_OBJECTS, count=total - objects_max)))


def _facts(one: _Record) -> Iterator[str]:
    yield from _both(_filled(say.CLASS, own=one.own, kept=one.record_class))
    names = [cited if isinstance(cited, str) else cited.schedule for cited in one.schedules]
    yield from _both(_filled(say.DUE, day=one.due_from, schedules=", ".join(names)))
    if one.dispose_by is not None:
        yield from _both(_filled(say.DISPOSE_BY, day=one.dispose_by))
    for cited in one.schedules:
        if not isinstance(cited, str):
            yield from _clock(cited)
    yield from _both(_filled(say.KEY, id=one.key.id, epoch=one.key.epoch))
    if one.strays:
        yield from _both(_filled(say.STRAYS, count=one.strays))


def _clock(cited: _Cited) -> Iterator[str]:
    started = say.CLOCK_UNKNOWN
    if cited.trigger is not None and cited.triggered_on is not None:
        words = TRIGGER_WORDS[cited.trigger]
        clock = say.CLOCK
        started = Words(
            clock.zh.format(trigger=words.zh, day=cited.triggered_on),
            clock.en.format(trigger=words.en, day=cited.triggered_on),
        )
    checked = _filled(say.CHECKED, day=cited.verified_on or "—")
    yield f"{cited.schedule}：{started.zh}，{checked.zh}"
    yield f"{cited.schedule}: {started.en}, {checked.en}"


def _object(target: _Object) -> Iterator[str]:
    yield f"{target.bucket}/{target.key} / {target.version_id}"
    yield f"{say.SEALED.zh} {say.SEALED.en} SHA-256 {target.sha256}"
    if target.locked_until is not None:
        yield from _both(_filled(say.LOCKED, until=_time(target.locked_until), mode=target.lock_mode or "—"))


def _residual(found: _Residual) -> Section:
    locked = [f"{found.locked_objects}"]
    if found.locked_until is not None:
        locked += _both(_filled(say.UNTIL, until=_time(found.locked_until)))
    epochs = ", ".join(map(str, found.key_epochs))
    listed = tuple(f"{one.record} / {one.what} / {one.entry}" for one in islice(found.copies, COPIES_MAX))
    more = found.copies_count - len(listed)
    rows = (
        Row(say.STAYS, tuple(locked)),
        Row(say.EPOCHS, _both(_filled(say.EPOCHS_OPEN, epochs=epochs))),
        Row(say.OPENINGS, (*_both(_filled(say.OPENINGS_COUNT, count=found.copies_count)), *listed)),
    )
    return Section(say.RESIDUAL, (*rows, Row(say.MORE, _both(_filled(say.MORE_COPIES, count=more)))) if more else rows)


def _proof(found: _File, index: int, file: bytes) -> Section:
    proof = parse_tlog_proof(found.tlog_proof)
    rows = (
        Row(say.ENTRY, (_line(_filled(say.BY_ENTRY, entry=index)),)),
        Row(say.LEAF, (leaf_hash(found.entry.encode()).hex(),), fine=True),
        Row(say.CHECKPOINT, tuple(line for line in proof.note.split("\n") if line), fine=True),
        Row(say.KEY_OF_LOG, (found.vkey,), fine=True),
        Row(say.FILE, (hashlib.sha256(file).hexdigest(),), fine=True),
    )
    return Section(say.PROOF, rows)


def _filled(words: Words, **values: str | int) -> Words:
    return Words(words.zh.format_map(values), words.en.format_map(values))


def _both(words: Words) -> tuple[str, str]:
    return words.zh, words.en


def _line(words: Words) -> str:
    return f"{words.zh} / {words.en}"


def _time(text: str) -> str:
    """A time of the log in Hong Kong, and as it is written."""
    return f"{datetime.fromisoformat(text).astimezone(HONG_KONG):%Y-%m-%d %H:%M:%S} HKT ({text})"
