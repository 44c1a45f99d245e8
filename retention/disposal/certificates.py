"""Certificates of destruction: what was destroyed, on whose authority and word, how, and what remains; and their verification.

- The *body* is canonical JSON (RFC 8785). The entry `disposal.certified` holds its SHA-256, so the log vouches for every byte of it.
- The *file* is the body, that entry as it was hashed, and a C2SP tlog-proof that the log holds it: verified offline, by
  `chopbook disposal verify` or by any tool that knows docs/formats/disposal-certificate.md.
- No reason, name or title is in it: people are pseudonyms, reasons are salted digests in the entries of the decisions.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from audit.canonical import encode, load
from audit.checkpoint import verify_tlog_proof
from audit.entry import parse_entry
from audit.error_words import words_of
from audit.errors import AuditError
from audit.event import format_time, time_us
from audit.keys import parse_vkey
from audit.merkle import leaf_hash
from audit.words import Words
from retention.disposal.errors import CertificateBroken
from retention.disposal.model import CERTIFIED
from retention.disposal.plans import target_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from audit.canonical import JSON
    from retention.disposal.model import Copy, Destroyed, Disposal, Planned
    from retention.model import Schedule

FORMAT: Final = "chopbook-disposal-certificate/2"
FORMATS: Final = (FORMAT, "chopbook-disposal-certificate/1")
"""What is verified: the older one says less of each record, and is read for ever."""
METHOD: Final = "key_destroyed_objects_deleted"
FILE_BYTES_MAX: Final = 64 * 1024 * 1024
COPIES_MAX: Final = 1_000
SHOWN_CHARS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Verified:
    """What a certificate was found to prove."""

    disposal: str
    records: int
    objects: int
    residues: int
    entry_index: int
    tree_size: int
    certified_at: str
    key_pinned: bool


def certificate_body(
    disposal: Disposal,
    plan: Sequence[Planned],
    destroyed: Sequence[Destroyed],
    schedules: Sequence[Schedule],
    copies: Sequence[Copy],
    *,
    origin: str,
    certified_at: datetime,
) -> dict[str, JSON]:
    """The body of a certificate."""
    cited = {one for planned in plan for one in planned.schedules}
    checked = {one.id: one.authority.verified_on.isoformat() for one in schedules if one.id in cited}
    epochs = [one.key_epoch for one in destroyed]
    locked = [residue.locked_until for one in destroyed for residue in one.residues if residue.locked_until is not None]
    return {
        "format": FORMAT,
        "origin": origin,
        "disposal": disposal.id,
        "preview": disposal.preview,
        "certified_at": format_time(time_us(certified_at)),
        "decisions": {
            "proposed": {"by": disposal.proposed_by, "entry": disposal.proposed_index},
            "approved": {"by": disposal.approved_by, "entry": disposal.approved_index},
            "begun": {"entry": disposal.begun_index, "holds_standing": 0},
        },
        "method": METHOD,
        "authority": [_authority(one) for one in schedules if one.id in cited],
        "records": [_record(planned, one, checked) for planned, one in zip(plan, destroyed, strict=True)],
        "residual": {
            "locked_objects": sum(len(one.residues) for one in destroyed),
            "locked_until": None if not locked else format_time(time_us(max(locked))),
            # A backup of the key store that holds one of these epochs opens until the epoch is rolled.
            "key_epochs": sorted(set(epochs)),
            "copies": [
                {"record": one.record.key, "entry": one.entry_index, "what": one.what} for one in copies[:COPIES_MAX]
            ],
            "copies_count": len(copies),
        },
    }


def digest_of(certificate: bytes) -> str:
    """What the entry says of a body."""
    return hashlib.sha256(certificate).hexdigest()


def certificate_file(certificate: bytes, entry: bytes, proof: str, vkey: str) -> bytes:
    """The file that is handed out: the body, the entry that vouches for it, and the proof that the log holds it."""
    return encode({"certificate": load(certificate), "entry": entry.decode(), "tlog_proof": proof, "vkey": vkey})


def verify_certificate(data: bytes, vkeys: Sequence[str] = ()) -> Verified:
    """Checks a file against the log's key; without `vkeys`, against the key it names itself, which proves less.

    Raises:
        CertificateBroken: it does not prove what it says.
    """
    members = _members(data)
    body = _object(members, "certificate")
    try:
        stored = _text(members, "entry").encode()
        entry = parse_entry(stored)
        trusted = [parse_vkey(one) for one in vkeys or (_text(members, "vkey"),)]
        index, checkpoint = verify_tlog_proof(
            _text(members, "tlog_proof"), leaf_hash=leaf_hash(stored), verifiers=trusted, origin=entry.origin
        )
    except AuditError as error:
        raise _unproven(error) from error
    said = entry.event.data
    known = said.get("certificate")
    expectations: tuple[tuple[str, str, object, object], ...] = (
        ("日誌", "origin", entry.origin, body.get("origin")),
        ("紀錄類別", "entry type", CERTIFIED, entry.event.type),
        ("紀錄編號", "entry index", index, entry.index),
        ("處置", "disposal", said.get("disposal"), body.get("disposal")),
        ("預覽", "preview", said.get("preview"), body.get("preview")),
    )
    got = body.get("format")
    if got not in FORMATS:
        known_forms = ", ".join(FORMATS)
        raise CertificateBroken.of(
            f"format 須為以下其中之一：{known_forms}；現為 {_shown(got).zh}",
            f"format: expected one of {known_forms}, got {_shown(got).en}",
        )
    for what_zh, what, expected, got in expectations:
        if expected != got:
            raise CertificateBroken.of(
                f"{what_zh}須為 {_shown(expected).zh}，現為 {_shown(got).zh}",
                f"{what}: expected {_shown(expected).en}, got {_shown(got).en}",
            )
    if not isinstance(known, str) or not hmac.compare_digest(digest_of(encode(body)), known):
        raise CertificateBroken.of(
            "證明內容與紀錄所載的摘要不符",
            "certificate: expected the bytes whose digest the entry holds, got others",
        )
    return Verified(
        disposal=str(body["disposal"]),
        records=_count(said, "records"),
        objects=_count(said, "objects"),
        residues=_count(said, "residues"),
        entry_index=index,
        tree_size=checkpoint.size,
        certified_at=str(body.get("certified_at")),
        key_pinned=bool(vkeys),
    )


def _authority(schedule: Schedule) -> dict[str, JSON]:
    return {
        "schedule": schedule.id,
        "title_zh": schedule.title.zh,
        "title_en": schedule.title.en,
        "citation_zh": schedule.authority.citation.zh,
        "citation_en": schedule.authority.citation.en,
        "status": schedule.authority.status.value,
        "verified_on": schedule.authority.verified_on.isoformat(),
    }


def _cited(planned: Planned, checked: Mapping[str, str]) -> list[JSON]:
    """Each schedule that decided, with what started its clock and when its authority was last checked."""
    clocks = {one.schedule: one for one in planned.clocks}
    cited: list[JSON] = []
    for schedule in planned.schedules:
        clock = clocks.get(schedule)
        one: dict[str, JSON] = {"schedule": schedule, "verified_on": checked.get(schedule)}
        if clock is not None:
            one |= {"trigger": clock.trigger.value, "triggered_on": None if clock.on is None else clock.on.isoformat()}
        cited.append(one)
    return cited


def _record(planned: Planned, destroyed: Destroyed, checked: Mapping[str, str]) -> dict[str, JSON]:
    found: dict[str, JSON] = {
        "record": planned.record.key,
        "class": planned.class_code,
        "record_class": planned.record_class,
        "schedules": _cited(planned, checked),
        "due_from": planned.due_from.isoformat(),
        "dispose_by": None if planned.dispose_by is None else planned.dispose_by.isoformat(),
        "key": {"id": destroyed.key_id, "epoch": destroyed.key_epoch},
        "objects": [target_json(one) for one in sorted(destroyed.gone)],
        "strays": destroyed.strays,
    }
    if destroyed.residues:
        found["residues"] = [
            {
                **target_json(one.target),
                "locked_until": None if one.locked_until is None else format_time(time_us(one.locked_until)),
                "lock_mode": one.lock_mode,
            }
            for one in destroyed.residues
        ]
    return found


def _unproven(error: AuditError) -> CertificateBroken:
    words = words_of(error)
    return CertificateBroken.of(words.zh, words.en)


def _shown(value: object) -> Words:
    """A value of the file or the entry; what is long, or no plain value, is not repeated."""
    if value is None:
        return Words("沒有", "none")
    if isinstance(value, str | int) and len(str(value)) <= SHOWN_CHARS_MAX:
        return Words(str(value), str(value))
    return Words("另一個值", "another value")


def _members(data: bytes) -> dict[str, Any]:
    if len(data) > FILE_BYTES_MAX:
        raise CertificateBroken.of(
            f"檔案最多 {FILE_BYTES_MAX} 位元組，現有 {len(data)}",
            f"file: expected at most {FILE_BYTES_MAX} bytes, got {len(data)}",
        )
    try:
        members = load(data)
    except AuditError as error:
        raise _unproven(error) from error
    if not isinstance(members, dict):
        raise CertificateBroken.of("檔案須為 JSON 物件", "file: expected a JSON object, got another value")
    return cast("dict[str, Any]", members)


def _object(members: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = members.get(name)
    if not isinstance(found, dict):
        raise CertificateBroken.of(f"{name} 須為物件", f"{name}: expected an object, got another value")
    return found


def _text(members: Mapping[str, Any], name: str) -> str:
    found = members.get(name)
    if not isinstance(found, str):
        raise CertificateBroken.of(f"{name} 須為文字", f"{name}: expected a text, got another value")
    return found


def _count(members: Mapping[str, Any], name: str) -> int:
    found = members.get(name)
    return found if isinstance(found, int) else 0
