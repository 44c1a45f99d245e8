"""The vectors of docs/formats/vectors/disposal-certificate-2.json: one certificate, by a log of two entries.

The key that signs is published with the sample log and signs nothing else.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from audit.canonical import encode
from audit.checkpoint import Checkpoint, sign_checkpoint, tlog_proof
from audit.entry import ZERO_HASH, Link, seal
from audit.event import Actor, Event, Subject, time_us
from audit.merkle import leaf_hash
from retention.disposal.certificates import certificate_body, certificate_file, digest_of
from retention.disposal.model import (
    CERTIFIED,
    Clock,
    Destroyed,
    Disposal,
    DisposalState,
    Part,
    Planned,
    Residue,
    Target,
)
from retention.disposal.plans import plan_bytes, preview_of
from retention.model import Trigger
from retention.records import Record, RecordKind
from retention.seed import SEEDED
from tests.audit import sample_log
from tests.audit.trees import Tree

AT = datetime(2033, 11, 22, 4, 0, tzinfo=UTC)
DOCUMENT = "6b1c1f0e-8f3a-4a53-9d3e-0f0f7a1f2c11"


def _target(bucket: str, part: Part, size: int | None, digit: str) -> Target:
    return Target(bucket, f"v1/d/{DOCUMENT}/000001-{part.value}", f"3a{digit}", part, 1, size, digit * 64)


def disposal_certificate() -> dict[str, Any]:
    """A plan, its certificate and the file."""
    record = Record(RecordKind.DOCUMENT, DOCUMENT)
    version, reading = _target("records", Part.VERSION, 48_213, "a"), _target("derived", Part.READING, None, "b")
    schedules = ("HK-TAX-7Y/1",)
    plan = (
        Planned(
            record,
            "invoice",
            "invoice",
            schedules,
            date(2033, 11, 21),
            date(2034, 11, 20),
            (reading, version),
            True,
            DOCUMENT,
            (Clock("HK-TAX-7Y/1", Trigger.TRANSACTION_COMPLETED, date(2026, 11, 20)),),
        ),
    )
    disposal = Disposal(
        id="3f0c6f6e-5f77-5c1a-9a53-6a5f1b0f2c11",
        state=DisposalState.DESTROYING,
        preview=preview_of(plan),
        records=1,
        objects=2,
        size=48_213,
        proposed_by="p_aaaaaaaaaaaaaaaa",
        proposed_at=AT,
        proposed_index=11,
        pending="0123456789abcdef0123456789abcdef",
        approved_by="p_bbbbbbbbbbbbbbbb",
        approved_index=13,
        begun_index=15,
    )
    residue = Residue(version, datetime(2033, 12, 1, tzinfo=UTC), "GOVERNANCE")
    destroyed = (Destroyed(record, DOCUMENT, 3, (reading,), (residue,)),)
    body = certificate_body(disposal, plan, destroyed, SEEDED, (), origin=sample_log.ORIGIN, certified_at=AT)
    certificate = encode(body)
    created = sample_log.entries()[0]
    event = Event(
        CERTIFIED,
        (Subject("disposal", disposal.id),),
        {
            "disposal": disposal.id,
            "preview": disposal.preview,
            "certificate": digest_of(certificate),
            "records": 1,
            "objects": 1,
            "residues": 1,
            "strays": 0,
        },
        Actor("system", "system"),
        sample_log._SALE_ID,  # noqa: SLF001
    )
    links = [Link(event.subjects[0], 0, ZERO_HASH)]
    entry = seal(
        event,
        origin=sample_log.ORIGIN,
        index=1,
        previous=created.leaf_hash,
        recorded_at_us=time_us(AT),
        links=links,
    )
    tree = Tree([created.bytes, entry.bytes])
    note = sign_checkpoint(Checkpoint(sample_log.ORIGIN, 2, tree.roots[2]), [sample_log.SIGNER])
    proof = tlog_proof(1, tree.inclusion(1, 2), note)
    file = certificate_file(certificate, entry.bytes, proof, sample_log.SIGNER.vkey)
    return {
        "vkey": sample_log.SIGNER.vkey,
        "plan": plan_bytes(plan).decode(),
        "preview": disposal.preview,
        "certificate": certificate.decode(),
        "certificate_sha256": digest_of(certificate),
        "entry": entry.bytes.decode(),
        "leaf_hash": leaf_hash(entry.bytes).hex(),
        "tlog_proof": proof,
        "file": file.decode(),
    }
