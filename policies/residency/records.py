"""Records of residency as JSON: read strictly, written canonically. Entries and rows hold the same form.

Every fault is one `InvalidValue` of the member; nothing is trimmed or coerced.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar

from policies.codes import Code
from policies.errors import InvalidValue
from policies.residency.model import (
    Basis,
    ClauseSet,
    DataClass,
    DeclaredDestination,
    DestinationKind,
    GbaContract,
    Mode,
    ModelClauses,
    ModeRecord,
    Processor,
    Standing,
    Transfer,
)

if TYPE_CHECKING:
    from audit.canonical import JSON

E = TypeVar("E", bound=StrEnum)

TEXT_MAX: Final = 200
LIST_MAX: Final = 32
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,250}[A-Za-z0-9])?")
_REGION = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class Members:
    """The members of an object, taken one by one; what is left over is unknown."""

    def __init__(self, value: object, under: str = "") -> None:
        if not isinstance(value, Mapping):
            raise _wrong(under or "body", "an object")
        self._left = dict(value)
        self._under = under

    def _name(self, member: str) -> str:
        return f"{self._under}.{member}" if self._under else member

    def take(self, member: str) -> object:
        """The member's value; None if it is absent or null."""
        return self._left.pop(member, None)

    def text(self, member: str, *, form: re.Pattern[str] | None = None, most: int = TEXT_MAX) -> str:
        """A text that must be there."""
        found = self.take(member)
        if not isinstance(found, str) or not 1 <= len(found) <= most or not found.isprintable():
            raise _wrong(self._name(member), f"a text of 1 to {most} characters")
        if form is not None and form.fullmatch(found) is None:
            raise _wrong(self._name(member), f"the form {form.pattern}")
        return found

    def maybe_text(self, member: str, *, form: re.Pattern[str] | None = None) -> str | None:
        """A text that may be absent."""
        if self._left.get(member) is None:
            self._left.pop(member, None)
            return None
        return self.text(member, form=form)

    def texts(self, member: str, form: re.Pattern[str] | None = None) -> tuple[str, ...]:
        """A list of different texts, sorted; absent is empty."""
        found = self.take(member)
        if found is None:
            return ()
        if not isinstance(found, list | tuple) or len(found) > LIST_MAX:
            raise _wrong(self._name(member), f"a list of at most {LIST_MAX} texts")
        read = Members({str(place): item for place, item in enumerate(found)}, self._name(member))
        return tuple(sorted({read.text(str(place), form=form) for place in range(len(found))}))

    def choice(self, member: str, choices: type[E], default: E | None = None) -> E:
        """One of a closed set."""
        found = self.take(member)
        if found is None and default is not None:
            return default
        try:
            return choices(found)  # type: ignore[arg-type]
        except ValueError:
            raise _wrong(self._name(member), " / ".join(choices)) from None

    def flag(self, member: str) -> bool:
        """True or false; absent is false."""
        found = self.take(member)
        if found is None:
            return False
        if not isinstance(found, bool):
            raise _wrong(self._name(member), "true / false")
        return found

    def day(self, member: str) -> date:
        """A day that must be there."""
        found = self.maybe_day(member)
        if found is None:
            raise _wrong(self._name(member), "YYYY-MM-DD")
        return found

    def maybe_day(self, member: str) -> date | None:
        """A day that may be absent."""
        found = self.take(member)
        if found is None:
            return None
        try:
            if not isinstance(found, str) or len(found) != 10:
                raise ValueError
            return date.fromisoformat(found)
        except ValueError:
            raise _wrong(self._name(member), "YYYY-MM-DD") from None

    def port(self, member: str) -> int | None:
        """A port that may be absent."""
        found = self.take(member)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int) or not 0 < found < 65_536:
            raise _wrong(self._name(member), "1-65535")
        return found

    def classes(self, member: str) -> frozenset[DataClass]:
        """At least one class of data."""
        found = self.texts(member)
        if not found or not set(found) <= set(DataClass):
            raise _wrong(self._name(member), " / ".join(DataClass))
        return frozenset(map(DataClass, found))

    def end(self) -> None:
        """Refuses members that nobody knows."""
        if self._left:
            raise InvalidValue(Code.RESIDENCY_MEMBER, self._name(str(min(self._left)))[:64], {"expected": "-"})


def _wrong(member: str, expected: str) -> InvalidValue:
    return InvalidValue(Code.RESIDENCY_MEMBER, member[:64], {"expected": expected})


def parse_processor(code: str, value: object) -> Processor:
    """A processor from its JSON.

    Raises:
        InvalidValue.
    """
    members = Members(value)
    found = Processor(
        code=_code(code),
        name=members.text("name"),
        jurisdiction=members.text("jurisdiction", form=_PLACE),
        contract=members.maybe_text("contract"),
        contract_from=members.maybe_day("contract_from"),
        contract_until=members.maybe_day("contract_until"),
        deletion_clause=members.flag("deletion_clause"),
        sub_processors=members.texts("sub_processors"),
        deletion_confirmed=members.maybe_text("deletion_confirmed"),
        status=members.choice("status", Standing, Standing.ACTIVE),
    )
    members.end()
    if found.contract is not None and found.contract_from is None:
        raise _wrong("contract_from", "YYYY-MM-DD")
    return found


def parse_destination(code: str, value: object) -> DeclaredDestination:
    """A destination from its JSON.

    Raises:
        InvalidValue.
    """
    members = Members(value)
    found = DeclaredDestination(
        code=_code(code),
        kind=members.choice("kind", DestinationKind),
        host=members.text("host", form=_HOST, most=252).lower(),
        port=members.port("port"),
        jurisdiction=members.text("jurisdiction", form=_PLACE),
        data_classes=members.classes("data_classes"),
        purpose_zh=members.text("purpose_zh"),
        purpose_en=members.text("purpose_en"),
        processor=members.maybe_text("processor", form=_CODE),
        own=members.flag("own"),
        region=members.maybe_text("region", form=_REGION),
        status=members.choice("status", Standing, Standing.ACTIVE),
    )
    members.end()
    return found


def parse_transfer(code: str, value: object) -> Transfer:
    """A transfer from its JSON.

    Raises:
        InvalidValue.
    """
    members = Members(value)
    basis = members.choice("basis", Basis)
    clauses, gba = members.take("clauses"), members.take("gba")
    found = Transfer(
        code=_code(code),
        destination=members.text("destination", form=_CODE),
        data_classes=members.classes("data_classes"),
        basis=basis,
        evidence=members.text("evidence"),
        since=members.day("since"),
        until=members.maybe_day("until"),
        clauses=_clauses(clauses) if basis is Basis.MODEL_CLAUSES else None,
        gba=_gba(gba) if basis is Basis.GBA_CONTRACT else None,
        status=members.choice("status", Standing, Standing.ACTIVE),
    )
    members.end()
    return found


def parse_mode(value: object) -> ModeRecord:
    """The mode from its JSON.

    Raises:
        InvalidValue.
    """
    members = Members(value)
    mode = members.choice("mode", Mode)
    home = frozenset(members.texts("home", _PLACE)) or frozenset({"HK"})
    day, instrument = members.maybe_day("in_force_from"), members.maybe_text("instrument")
    members.end()
    if mode is Mode.S33_IN_FORCE and (day is None or instrument is None):
        # The switch is dated, and names what commenced the section.
        raise _wrong("in_force_from" if day is None else "instrument", "YYYY-MM-DD, L.N.")
    if mode is not Mode.S33_IN_FORCE:
        day, instrument = None, None
    return ModeRecord(mode, home, day, instrument)


def _code(code: str) -> str:
    if _CODE.fullmatch(code) is None:
        raise InvalidValue(Code.CODE_FORM, "code", {"most": 32})
    return code


def _clauses(value: object) -> ModelClauses:
    members = Members(value, "clauses")
    found = ModelClauses(
        clause_set=members.choice("clause_set", ClauseSet),
        dated=members.day("dated"),
        onward_bound=members.flag("onward_bound"),
        deletion_at_end=members.flag("deletion_at_end"),
        helps_with_requests=members.flag("helps_with_requests"),
    )
    members.end()
    return found


def _gba(value: object) -> GbaContract:
    members = Members(value, "gba")
    found = GbaContract(
        exporter_place=members.text("exporter_place"),
        recipient_place=members.text("recipient_place"),
        effective_on=members.day("effective_on"),
        assessed_on=members.day("assessed_on"),
        filing_number=members.maybe_text("filing_number"),
        onward_outside=members.flag("onward_outside"),
        important_data=members.flag("important_data"),
    )
    members.end()
    return found


def record_json(record: object) -> dict[str, JSON]:
    """A record as JSON; members without a value are absent, so are those of a nested record."""
    names = [name for name in getattr(type(record), "__slots__", ()) if name != "code"]
    found = {name: _json(getattr(record, name)) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _json(value: object) -> JSON:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset | tuple):
        return sorted(str(item) for item in value)
    return record_json(value)
