"""Changes of the residency registers; each is one entry with the whole record, and says which members moved.

A record is set by its code: the first time it is made, later changed; the same again is refused (`nothing_to_change`). What cannot
stand is refused before there is an entry: a destination whose processor has no contract in force (P-09), a region that is in another
place than declared, a basis that is none (P-31, P-32).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

from audit.canonical import JSON, encode
from audit.event import Event, Subject
from policies.access import AccessRecording
from policies.codes import Code
from policies.errors import InvalidValue, PolicyConflict, UnknownThing
from policies.model import Action, Resource
from policies.quota import HONG_KONG
from policies.residency import store
from policies.residency.model import (
    ANNEX_PUBLISHED,
    CHECKED,
    DESTINATION_SET,
    HOME,
    MODE_SET,
    ORIGIN_COUNTED,
    PERSONAL,
    PROCESSOR_SET,
    TRANSFER_SET,
    DeclaredDestination,
    ModeRecord,
    Processor,
    Register,
    ResidencyFinding,
    Transfer,
)
from policies.residency.records import parse_processor, record_json
from policies.residency.rules import REGIONS, cn_warning, findings, has_contract, transfer_fault
from policies.writing import Asked, Draft
from storage.opening import SYSTEM
from storage.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from audit.entry import Entry
    from policies.model import Principal
    from policies.residency.model import Observation, Record
    from storage.transaction import Transaction

PERSONS_MAX: Final = 1_000
"""References of persons in one count."""
CHANGES_NAMED_MAX: Final = 64
"""Items of an annex that an entry names as changed."""
_NAMESPACE: Final = UUID("a6d1f0c2-7c8e-5f2b-9a55-2f8f5d0c9b11")
TYPES: Final = {
    store.PROCESSOR: PROCESSOR_SET,
    store.DESTINATION: DESTINATION_SET,
    store.TRANSFER: TRANSFER_SET,
    store.MODE: MODE_SET,
}
SUBJECTS: Final = {
    store.PROCESSOR: "processor",
    store.DESTINATION: "destination",
    store.TRANSFER: "transfer",
    store.MODE: "residency",
}


class ResidencyWrites(AccessRecording):
    """Registers, findings and the annex."""

    _known: tuple[tuple[int, bytes], Register] | None = None

    # ------------------------------------------------------------------------------------- reads

    def residency(self) -> Register:
        """Everything that is declared, as of the newest version of any process; costs one small read."""
        directory = self.fresh_directory()
        version, known = (directory.version, directory.mark), self._known
        if known is None or known[0] != version:
            with self._database.read() as connection:
                known = (version, replace(store.read_register(connection), calendar=directory.bundle.calendar))
            self._known = known
        return known[1]

    def residency_findings(self, now: datetime) -> tuple[ResidencyFinding, ...]:
        """What somebody should look at now."""
        return findings(self.residency(), day_of(now))

    def annex(self, version: int | None = None) -> tuple[int, dict[str, Any], int] | None:
        """Number, content and entry of the public annex, by default of the newest; None if there is none."""
        with self._database.read() as connection:
            return store.latest_annex(connection) if version is None else store.read_annex(connection, version)

    # ---------------------------------------------------------------------------------- registers

    def set_processor(self, principal: Principal, processor: Processor, *, event_id: UUID) -> Change[Record]:
        """Registers a processor, or changes one.

        Raises:
            Denied. The change: InvalidValue if nothing would change, Denied.
        """
        return self._set(principal, processor, event_id)

    def set_destination(
        self, principal: Principal, destination: DeclaredDestination, *, event_id: UUID
    ) -> Change[Record]:
        """Declares a destination, or changes one.

        Raises:
            Denied, InvalidValue if its region is elsewhere. The change: UnknownThing (processor), PolicyConflict if its
                processor has no contract in force, InvalidValue if nothing would change, Denied.
        """
        there = REGIONS.get(destination.region or "", destination.jurisdiction)
        if there != destination.jurisdiction:
            values = {"region": destination.region or "", "answered": there}
            raise InvalidValue(Code.REGION_ELSEWHERE, "region", values)

        def check(tx: Transaction) -> None:
            if destination.own or not destination.data_classes & PERSONAL:
                return
            if destination.processor is None:
                raise PolicyConflict(Code.PROCESSOR_NO_CONTRACT, "processor")
            row = tx.get(store.RECORD_ROWS, (store.PROCESSOR, destination.processor))
            if row is None:
                raise UnknownThing(Code.PROCESSOR_UNKNOWN, "processor")
            if not has_contract(parse_processor(destination.processor, json.loads(row[0])), day_of(tx.now)):
                raise PolicyConflict(Code.PROCESSOR_NO_CONTRACT, "processor")

        return self._set(principal, destination, event_id, check)

    def set_transfer(self, principal: Principal, transfer: Transfer, *, event_id: UUID) -> Change[Record]:
        """Registers a transfer with its basis, or changes one.

        Raises:
            Denied, InvalidValue if the basis is none. The change: UnknownThing (destination), InvalidValue if nothing
                would change, Denied.
        """
        fault = transfer_fault(transfer)
        if fault is not None:
            raise InvalidValue(fault, "basis")

        def check(tx: Transaction) -> None:
            if tx.get(store.RECORD_ROWS, (store.DESTINATION, transfer.destination)) is None:
                raise UnknownThing(Code.DESTINATION_UNKNOWN, "destination")

        return self._set(principal, transfer, event_id, check)

    def set_residency_mode(self, principal: Principal, mode: ModeRecord, *, event_id: UUID) -> Change[Record]:
        """Sets by which rule data may leave home.

        Raises:
            Denied. The change: InvalidValue if nothing would change, Denied.
        """
        return self._set(principal, mode, event_id)

    def _set(self, principal: Principal, record: Record, event_id: UUID, check: Any = None) -> Change[Record]:
        kind, code = store.kind_of(record)
        body = record_json(record)
        key = (kind, code)

        def draft(tx: Transaction) -> Draft:
            if check is not None:
                check(tx)
            row = tx.get(store.RECORD_ROWS, key)
            before = {} if row is None else json.loads(row[0])
            if before == body:
                raise InvalidValue(Code.NOTHING_TO_CHANGE)
            moved = sorted(name for name in {*before, *body} if before.get(name) != body.get(name))
            data: dict[str, JSON] = {"changed": list[JSON](moved), "code": code, "record": body}
            return Draft(TYPES[kind], (Subject(SUBJECTS[kind], code),), data)

        def apply(tx: Transaction, entry: Entry) -> Record:
            tx.put(entry, store.RECORD_ROWS, key, (store.body_of(body),))
            return record

        content: dict[str, JSON] = {"code": code, "kind": kind, "record": body}
        resource = Resource("residency", code)
        asked = Asked(principal, Action.RESIDENCY_WRITE, resource, event_id, content, reads=((store.RECORD_ROWS, key),))
        return self._change(asked, draft, apply)

    # ----------------------------------------------------------------------- data of the Mainland

    def count_origins(
        self, principal: Principal, persons: Sequence[str], *, year: int, event_id: UUID
    ) -> Change[dict[str, int]]:
        """Counts persons whose data came from the Mainland in a calendar year; each once, by a keyed digest (P-33).

        `persons` are the organisation's own references, at most 1,000; nothing of them is kept but the digest.

        Raises:
            Denied, InvalidValue.
        """
        if not 1 <= len(persons) <= PERSONS_MAX or not 1997 <= year <= 9999:
            raise InvalidValue(Code.RESIDENCY_MEMBER, "persons", {"expected": f"1-{PERSONS_MAX}"})
        key = self._keys.get_or_make("secret", "origin-persons")
        digests = sorted({hmac.digest(key, one.encode("utf-8", "surrogatepass"), "sha256")[:16] for one in persons})

        def count(tx: Transaction) -> tuple[list[bytes], int]:
            new = [one for one in digests if tx.get(store.ORIGIN_ROWS, (year, one)) is None]
            row = tx.get(store.ORIGIN_COUNT_ROWS, (year,))
            return new, (0 if row is None else int(row[0])) + len(new)

        def draft(tx: Transaction) -> Draft:
            new, total = count(tx)
            warning = cn_warning(total)
            data: dict[str, JSON] = {"added": len(new), "persons": total, "year": year}
            if warning is not None:
                data["warning"] = warning.value
            return Draft(ORIGIN_COUNTED, (Subject("origin", f"CN-{year}"),), data)

        def apply(tx: Transaction, entry: Entry) -> dict[str, int]:
            new, total = count(tx)
            for one in new:
                tx.put(entry, store.ORIGIN_ROWS, (year, one), ())
            tx.put(entry, store.ORIGIN_COUNT_ROWS, (year,), (total,))
            return {"added": len(new), "persons": total}

        digest = hashlib.sha256(b"".join(digests)).hexdigest()
        content: dict[str, JSON] = {"persons": digest, "year": year}
        asked = Asked(principal, Action.RESIDENCY_WRITE, Resource("residency", HOME), event_id, content)
        return self._change(asked, draft, apply)

    # ----------------------------------------------------------------------------------- checking

    def record_check(self, observed: Iterable[Observation], *, now: datetime) -> Change[tuple[ResidencyFinding, ...]]:
        """What a check found: where the store says buckets are, which findings opened and closed since the last.

        The same outcome on the same day is one entry, whichever process came first.
        """
        day = day_of(now)
        seen = tuple(observed)
        body = store.observations_body(seen)
        found = findings(self._with(seen), day)
        request = self._log.request_digest(
            {
                "day": day.isoformat(),
                "findings": [[one.code, one.about] for one in found],
                "observed": body,
                "version": self._directory.version,
            }
        )
        event_id = uuid5(_NAMESPACE, request.hex())

        def run(tx: Transaction) -> tuple[ResidencyFinding, ...]:
            tx.refuse_known(SYSTEM.id, event_id, request)
            before = store.open_findings(tx.select(store.select_findings()))
            opened, closed = sorted(set(found) - before), sorted(before - set(found))
            data: dict[str, JSON] = {
                "buckets": [record_json(one) for one in seen],
                "closed": [_finding_json(one) for one in closed],
                "day": day.isoformat(),
                "open": len(found),
                "opened": [_finding_json(one) for one in opened],
            }
            event = Event(
                type=CHECKED,
                subjects=(Subject("residency", "check"),),
                data=data,
                actor=SYSTEM,
                event_id=event_id,
                request=request,
            )
            entry = tx.append(event)
            tx.put(entry, store.RECORD_ROWS, (store.OBSERVED, "store"), (body,))
            for one in (*opened, *closed):
                tx.put(entry, store.FINDING_ROWS, (one.code, one.about), (int(one in found),))
            self._move(tx, entry)
            return found

        return Change(run, reads=self.reads, event_ids=((SYSTEM.id, event_id),))

    def _with(self, observed: tuple[Observation, ...]) -> Register:
        return replace(self.residency(), observed=observed)

    # --------------------------------------------------------------------------------- the annex

    def publish_annex(self, content: dict[str, JSON]) -> Change[int] | None:
        """The public annex of P-10, if it says something else than the newest version; None: it does not.

        `content` has lists of items by chapter, each item with an `id`; the entry names those that came, went or changed.
        """
        digest = hashlib.sha256(encode(content)).hexdigest()
        latest = self.annex()
        if latest is not None and hashlib.sha256(encode(latest[1])).hexdigest() == digest:
            return None
        number = 0 if latest is None else latest[0]
        request = self._log.request_digest({"annex": digest, "after": number})
        event_id = uuid5(_NAMESPACE, request.hex())

        def run(tx: Transaction) -> int:
            tx.refuse_known(SYSTEM.id, event_id, request)
            rows = tx.select(store.select_latest_annex())
            version = rows[0].version + 1 if rows else 1
            before = json.loads(rows[0].body) if rows else {}
            data: dict[str, JSON] = {"digest": digest, "version": version, **_difference(before, content)}
            event = Event(
                type=ANNEX_PUBLISHED,
                subjects=(Subject("annex", "privacy"),),
                data=data,
                actor=SYSTEM,
                event_id=event_id,
                request=request,
            )
            entry = tx.append(event)
            tx.put(entry, store.ANNEX_ROWS, (version,), (digest, store.body_of(content)))
            return version

        return Change(run, event_ids=((SYSTEM.id, event_id),))


def day_of(now: datetime) -> date:
    """The day in Hong Kong."""
    return now.astimezone(HONG_KONG).date()


def _finding_json(finding: ResidencyFinding) -> dict[str, JSON]:
    return {"about": finding.about, "code": finding.code}


def _difference(before: dict[str, Any], after: dict[str, JSON]) -> dict[str, JSON]:
    """Ids of items that came, went or changed, chapter by chapter; bounded, with counts of all."""
    old, new = _items(before), _items(after)
    came, went = sorted(new.keys() - old.keys()), sorted(old.keys() - new.keys())
    moved = sorted(one for one in new.keys() & old.keys() if new[one] != old[one])
    named: dict[str, list[str]] = {"added": came, "changed": moved, "removed": went}
    return {
        **{name: list[JSON](ids[:CHANGES_NAMED_MAX]) for name, ids in named.items()},
        "changes": len(came) + len(went) + len(moved),
    }


def _items(content: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{chapter}:{item['id']}": item
        for chapter, items in content.items()
        if isinstance(items, list)
        for item in items
    }
