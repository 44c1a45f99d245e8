"""The residency map as a part of policy bundles: records by kind, as the registers hold them.

- What a bundle names is set when it becomes active, each record with the entry it would have had if a person had set it.
- What the bundle before it named and this one does not ends: unless somebody changed it since, for then it is theirs.
- What no bundle ever named stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from audit.event import Subject
from policies.bundles.manifest import RESIDENCY
from policies.bundles.model import SHOWN_MAX, BundleFault
from policies.codes import Code
from policies.errors import PolicyError
from policies.residency import store
from policies.residency.model import PERSONAL, DataClass, DeclaredDestination, ModeRecord, Register, Standing
from policies.residency.records import (
    parse_destination,
    parse_mode,
    parse_processor,
    parse_transfer,
    record_json,
)
from policies.residency.rules import REGIONS, has_contract, refusal, transfer_fault
from policies.residency.writes import SUBJECTS, TYPES
from storage.either import select_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from audit.canonical import JSON
    from policies.bundles.ports import Appending
    from policies.residency.model import Record
    from storage.either import Reader
    from storage.transaction import Transaction

Key = tuple[str, str]
Bodies = dict[Key, dict[str, Any]]

RECORDS_MAX: Final = 500
_PARSERS: Final[Mapping[str, tuple[str, Callable[[str, object], Record]]]] = {
    "processors": (store.PROCESSOR, parse_processor),
    "destinations": (store.DESTINATION, parse_destination),
    "transfers": (store.TRANSFER, parse_transfer),
}


class ResidencyPart:
    """A `BundlePart` on the residency registers."""

    member = RESIDENCY

    def faults(self, reader: Reader, content: Any, today: date) -> Sequence[BundleFault]:
        """As `BundlePart.faults`."""
        found: list[BundleFault] = []
        wanted = _wanted(content, found)
        if found:
            return found
        register = _register(_merged(_standing(reader), wanted))
        return list(_unfit(register, wanted, today))

    def preview(self, reader: Reader, before: Any, after: Any, today: date) -> dict[str, JSON]:
        """As `BundlePart.preview`: which records differ, and which destinations may get what they might not, or no longer."""
        standing = _standing(reader)
        moving = _moving(standing, _wanted(before, []), _wanted(after, []))
        was, comes = _register(standing), _register(_merged(standing, moving))
        admitted, refused = _turned(was, comes, today), _turned(comes, was, today)
        shown: list[JSON] = [{"kind": kind, "code": code} for kind, code in sorted(moving)]
        return {
            "moved": len(moving),
            "records": shown[:SHOWN_MAX],
            "newly_admitted": admitted[:SHOWN_MAX],
            "newly_refused": refused[:SHOWN_MAX],
        }

    def adopt(self, tx: Transaction, before: Any, after: Any, append: Appending) -> None:
        """As `BundlePart.adopt`."""
        standing = _standing(tx)
        for (kind, code), body in sorted(_moving(standing, _wanted(before, []), _wanted(after, [])).items()):
            known = standing.get((kind, code), {})
            changed = sorted(name for name in {*known, *body} if known.get(name) != body.get(name))
            data: dict[str, JSON] = {"changed": [*changed], "code": code, "record": body}
            entry = append(TYPES[kind], Subject(SUBJECTS[kind], code), data)
            tx.put(entry, store.RECORD_ROWS, (kind, code), (store.body_of(body),))


def _wanted(content: Any, faults: list[BundleFault]) -> Bodies:
    """The records that content names, by kind and code; what cannot be read is added to `faults`."""
    found: Bodies = {}
    unknown = sorted(content.keys() - _PARSERS.keys() - {"mode"})
    faults += [BundleFault(Code.RESIDENCY_MEMBER, f"{RESIDENCY}.{name}", "-") for name in unknown]
    for member, (kind, parse) in _PARSERS.items():
        listed = content.get(member, [])
        if not isinstance(listed, list) or len(listed) > RECORDS_MAX:
            faults.append(
                BundleFault(Code.RESIDENCY_MEMBER, f"{RESIDENCY}.{member}", f"a list of at most {RECORDS_MAX}")
            )
            continue
        for place, item in enumerate(listed):
            where = f"{RESIDENCY}.{member}[{place}]"
            record = _read(partial(_parse_listed, parse, item), where, faults)
            if record is not None:
                key = store.kind_of(record)
                if key in found:
                    faults.append(BundleFault(Code.RESIDENCY_MEMBER, where, f"{kind} {key[1]} once"))
                found[key] = record_json(record)
    if "mode" in content:
        mode = _read(partial(parse_mode, content["mode"]), f"{RESIDENCY}.mode", faults)
        if mode is not None:
            found[store.MODE, store.MODE_CODE] = record_json(mode)
    return found


def _parse_listed(parse: Callable[[str, object], Record], item: object) -> Record:
    members = dict(item) if isinstance(item, Mapping) else {}
    return parse(str(members.pop("code", "")), members)


def _read(parse: Callable[[], Record], where: str, faults: list[BundleFault]) -> Record | None:
    try:
        return parse()
    except PolicyError as error:
        faults.append(BundleFault(error.code, f"{where}.{error.member}", str(error.values.get("expected", ""))))
        return None


def _unfit(register: Register, wanted: Bodies, today: date) -> Iterator[BundleFault]:
    """What the registers would refuse if a person set it."""
    for kind, code in sorted(wanted):
        where = f"{RESIDENCY}.{kind}.{code}"
        if kind == store.DESTINATION:
            declared = register.destinations[code]
            if REGIONS.get(declared.region or "", declared.jurisdiction) != declared.jurisdiction:
                yield BundleFault(Code.REGION_ELSEWHERE, where, declared.region or "")
            personal = not declared.own and bool(declared.data_classes & PERSONAL)
            if personal and not has_contract(register.processors.get(declared.processor or ""), today):
                yield BundleFault(Code.PROCESSOR_NO_CONTRACT, where, declared.processor or "")
        elif kind == store.TRANSFER:
            transfer = register.transfers[code]
            if transfer.destination not in register.destinations:
                yield BundleFault(Code.DESTINATION_UNKNOWN, where, transfer.destination)
            fault = transfer_fault(transfer)
            if fault is not None:
                yield BundleFault(fault, where, transfer.basis.value)


def _standing(reader: Reader) -> Bodies:
    rows = select_in(reader, store.select_declared())
    return {(row.kind, row.code): json.loads(row.body) for row in rows}


def _merged(standing: Bodies, wanted: Bodies) -> Bodies:
    return {**standing, **wanted}


def _moving(standing: Bodies, before: Bodies, after: Bodies) -> Bodies:
    """The records that a change from one bundle to the other alters, as they will be."""
    moving = {key: body for key, body in after.items() if standing.get(key) != body}
    for key, body in before.items():
        if key not in after and standing.get(key) == body:
            ended = record_json(ModeRecord()) if key[0] == store.MODE else {**body, "status": Standing.ENDED.value}
            if ended != body:
                moving[key] = ended
    return moving


def _register(bodies: Bodies) -> Register:
    return store.register_of_bodies((kind, code, body) for (kind, code), body in bodies.items())


def _turned(was: Register, comes: Register, today: date) -> list[JSON]:
    """What destinations may get by the second register and might not by the first."""
    return [
        {"destination": code, "data_class": data_class.value}
        for code, declared in sorted(comes.destinations.items())
        for data_class in sorted(declared.data_classes)
        if _may(comes, declared, data_class, today) and not _may(was, was.destinations.get(code), data_class, today)
    ]


def _may(register: Register, declared: DeclaredDestination | None, data_class: DataClass, today: date) -> bool:
    return declared is not None and refusal(register, declared, data_class, today) is None
