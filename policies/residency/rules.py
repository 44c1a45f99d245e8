"""What the registers allow on a day, and what somebody should look at. Pure.

Order of `admitted`, the first that fails decides: this machine is always let through; a destination must be declared for the kind of
call, be active, be allowed the class of data; a firm that gets what may hold personal data has a contract in force (P-09, DPP4(2));
such data leaves home only on a registered basis (ORG-RES-1); and, from the day of the dated switch, only if a condition of
s.33(2) is met.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from policies.codes import Code
from policies.residency.model import (
    PERSONAL,
    PURPOSES,
    Basis,
    DataClass,
    DeclaredDestination,
    GbaContract,
    Mode,
    Processor,
    Register,
    ResidencyFinding,
    Standing,
    Transfer,
)
from storage.outbound import is_this_machine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policies.calendar import Calendar
    from policies.residency.model import ModelClauses
    from storage.outbound import Destination

GBA_PLACES: Final = frozenset(
    {
        "Hong Kong",
        "Guangzhou",
        "Shenzhen",
        "Zhuhai",
        "Foshan",
        "Huizhou",
        "Dongguan",
        "Zhongshan",
        "Jiangmen",
        "Zhaoqing",
    }
)
GBA_FILING_DAYS: Final = 10
"""Working days from the day of effect, on each side."""
GBA_ASSESSMENT_MONTHS: Final = 3
DELETION_DAYS: Final = 30
"""After the end of its contract, a processor's paper that it has deleted what it held is due."""
CN_PERSONS_MAX: Final = 1_000_000
"""Distinct persons in a calendar year above whom the Mainland's rules of 2024 speak of a security assessment (secondary source)."""

REGIONS: Final[Mapping[str, str]] = {
    "ap-east-1": "HK",
    "ap-east-2": "TW",
    "ap-northeast-1": "JP",
    "ap-northeast-2": "KR",
    "ap-northeast-3": "JP",
    "ap-south-1": "IN",
    "ap-southeast-1": "SG",
    "ap-southeast-2": "AU",
    "ca-central-1": "CA",
    "cn-north-1": "CN",
    "cn-northwest-1": "CN",
    "eu-central-1": "DE",
    "eu-north-1": "SE",
    "eu-west-1": "IE",
    "eu-west-2": "GB",
    "eu-west-3": "FR",
    "us-east-1": "US",
    "us-east-2": "US",
    "us-west-1": "US",
    "us-west-2": "US",
}
"""In whose territory regions of AWS are."""

S33_CONDITIONS: Final[Mapping[Basis, str | None]] = {
    Basis.GAZETTED: "a",
    Basis.SIMILAR_LAW: "b",
    Basis.CONSENT: "c",
    Basis.MITIGATION: "d",
    Basis.EXEMPTION: "e",
    Basis.MODEL_CLAUSES: "f",
    Basis.GBA_CONTRACT: "f",
    Basis.CONTRACT_NECESSITY: None,
}
"""Which condition of s.33(2), not in force, a basis would answer; that a contract needs the transfer is none of them."""

PROVIDER_HOST: Final = "amazonaws.com"


def has_contract(processor: Processor | None, day: date) -> bool:
    """Whether a contract document binds the processor on that day."""
    if processor is None or processor.contract is None or processor.contract_from is None:
        return False
    until = processor.contract_until
    return processor.contract_from <= day and (until is None or day <= until)


def is_at(declared: DeclaredDestination, host: str, port: int) -> bool:
    """Whether a declaration speaks of that host and port."""
    return declared.host == host.lower() and declared.port in {None, port}


def admitted(
    register: Register, destination: Destination, day: date, *, listed: Mapping[str, str] | None = None
) -> str | Code:
    """The jurisdiction of a destination that may be called on that day, or why it may not.

    `listed` are hosts with their jurisdictions that the operator's settings declare; they may get what holds no personal data.
    """
    kind, data_class = PURPOSES[destination.purpose]
    if is_this_machine(destination.host):
        return min(register.mode.home)
    found = [
        declared
        for declared in register.destinations.values()
        if declared.kind is kind and is_at(declared, destination.host, destination.port)
    ]
    if not found:
        names = (str(destination).lower(), destination.host.lower())
        jurisdiction = next((listed[name] for name in names if name in listed), None) if listed else None
        if jurisdiction is None or data_class in PERSONAL:
            return Code.DESTINATION_UNDECLARED
        return jurisdiction
    # The one that names the port speaks louder.
    declared = min(found, key=lambda one: (one.port is None, one.code))
    code = refusal(register, declared, data_class, day)
    return declared.jurisdiction if code is None else code


def refusal(register: Register, declared: DeclaredDestination, data_class: DataClass, day: date) -> Code | None:
    """Why a declared destination may not get a class of data on that day; None if it may."""
    if declared.status is Standing.ENDED:
        return Code.DESTINATION_ENDED
    if data_class not in declared.data_classes:
        return Code.DATA_CLASS_REFUSED
    if data_class not in PERSONAL:
        return None
    processor = register.processors.get(declared.processor or "")
    if not declared.own and not has_contract(processor, day):
        return Code.PROCESSOR_NO_CONTRACT
    if declared.jurisdiction in register.mode.home:
        return None
    bases = list(valid_transfers(register, declared.code, data_class, day))
    if not bases:
        return Code.ORG_RES_1
    if register.mode.s33_decides(day) and not any(S33_CONDITIONS[one.basis] for one in bases):
        return Code.S33_CONDITION_MISSING
    return None


def valid_transfers(register: Register, destination: str, data_class: DataClass, day: date) -> Iterator[Transfer]:
    """Transfers whose basis carries a class of data to a destination on that day."""
    for transfer in register.transfers.values():
        if transfer.destination != destination or data_class not in transfer.data_classes:
            continue
        if transfer.status is Standing.ENDED or day < transfer.since:
            continue
        if transfer.until is not None and transfer.until < day:
            continue
        if transfer_fault(transfer) is None and not is_filing_overdue(transfer, day, register.calendar):
            yield transfer


def transfer_fault(transfer: Transfer) -> Code | None:
    """What makes a basis no basis, whatever the day (P-31, P-32)."""
    if transfer.basis is Basis.MODEL_CLAUSES:
        return _clauses_fault(transfer.clauses)
    if transfer.basis is Basis.GBA_CONTRACT:
        return _gba_fault(transfer.gba)
    return None


def _clauses_fault(clauses: ModelClauses | None) -> Code | None:
    if clauses is None or not (clauses.onward_bound and clauses.deletion_at_end and clauses.helps_with_requests):
        return Code.MODEL_CLAUSES_INCOMPLETE
    return None


def _gba_fault(gba: GbaContract | None) -> Code | None:
    if gba is None or not {gba.exporter_place, gba.recipient_place} <= GBA_PLACES:
        return Code.GBA_PLACE_UNFIT
    if gba.onward_outside:
        return Code.GBA_ONWARD
    if gba.important_data:
        return Code.GBA_IMPORTANT_DATA
    if not _months_before(gba.effective_on, GBA_ASSESSMENT_MONTHS) <= gba.assessed_on <= gba.effective_on:
        return Code.GBA_ASSESSMENT_STALE
    return None


def _months_before(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    first_after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (first_after - timedelta(days=1)).day))


def filing_due(gba: GbaContract, calendar: Calendar) -> date:
    """The last day on which the filing is in time: the tenth working day after that of effect."""
    return calendar.working_days_after(gba.effective_on, GBA_FILING_DAYS)


def is_filing_overdue(transfer: Transfer, day: date, calendar: Calendar) -> bool:
    """Whether a Greater Bay Area contract should have been filed by then, and no number says that it was."""
    gba = transfer.gba
    return gba is not None and gba.filing_number is None and filing_due(gba, calendar) < day


def is_drifted(declared: str, answered: str) -> bool:
    """Whether a bucket is not where it was declared to be."""
    return declared != answered


def cn_warning(persons: int) -> Code | None:
    """What to say of so many distinct persons in a calendar year; it warns and never decides (P-33)."""
    return Code.CN_ASSESSMENT_DUE if persons > CN_PERSONS_MAX else None


def findings(register: Register, day: date) -> tuple[ResidencyFinding, ...]:
    """Everything somebody should look at on that day, sorted."""
    found = {
        *_of_destinations(register, day),
        *_of_processors(register, day),
        *_of_transfers(register, day),
        *(
            (Code.BUCKET_LOCATION_DRIFT, f"{one.destination}/{one.bucket}")
            for one in register.observed
            if is_drifted(one.declared, one.answered)
        ),
        *((Code.CN_ASSESSMENT_DUE, str(year)) for year, persons in register.origins.items() if cn_warning(persons)),
    }
    return tuple(sorted(ResidencyFinding(code.value, about) for code, about in found))


def _of_destinations(register: Register, day: date) -> Iterator[tuple[Code, str]]:
    for declared in register.destinations.values():
        if declared.status is Standing.ENDED:
            continue
        for data_class in declared.data_classes & PERSONAL:
            code = refusal(register, declared, data_class, day)
            if code in {Code.ORG_RES_1, Code.S33_CONDITION_MISSING}:
                yield Code.TRANSFER_NO_BASIS, declared.code
            elif code is not None:
                yield code, declared.code


def _of_processors(register: Register, day: date) -> Iterator[tuple[Code, str]]:
    for processor in register.processors.values():
        ended = processor.contract_until
        if ended is None or processor.deletion_confirmed is not None:
            continue
        if day > ended + timedelta(days=DELETION_DAYS):
            yield Code.DELETION_UNCONFIRMED, processor.code


def _of_transfers(register: Register, day: date) -> Iterator[tuple[Code, str]]:
    for transfer in register.transfers.values():
        if transfer.status is Standing.ENDED:
            continue
        if is_filing_overdue(transfer, day, register.calendar):
            yield Code.GBA_FILING_OVERDUE, transfer.code
        fault = transfer_fault(transfer)
        if fault is not None:
            yield fault, transfer.code


def shadow(register: Register, day: date) -> dict[str, tuple[str, ...]]:
    """For each destination outside home that gets what may hold personal data: which conditions of s.33(2), not in force, would be met."""
    found: dict[str, tuple[str, ...]] = {}
    for declared in register.destinations.values():
        personal = declared.data_classes & PERSONAL
        if declared.status is Standing.ENDED or declared.jurisdiction in register.mode.home or not personal:
            continue
        met = [_conditions(register, declared.code, one, day) for one in sorted(personal)]
        found[declared.code] = tuple(sorted(set.intersection(*met)))
    return found


def _conditions(register: Register, destination: str, data_class: DataClass, day: date) -> set[str]:
    bases = valid_transfers(register, destination, data_class, day)
    return {condition for one in bases if (condition := S33_CONDITIONS[one.basis]) is not None}


def reports_s33(register: Register) -> bool:
    """Whether the conditions are reported at all."""
    return register.mode.mode in {Mode.S33_SHADOW, Mode.S33_IN_FORCE}
