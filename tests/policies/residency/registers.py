"""Registers made by hand, and short ways to say what is in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

from policies.residency.model import (
    Basis,
    DataClass,
    DeclaredDestination,
    DestinationKind,
    GbaContract,
    ModelClauses,
    ModeRecord,
    Processor,
    Register,
    Transfer,
)
from policies.residency.model import ClauseSet as Set

TODAY = date(2026, 11, 23)
PROCESSOR = Processor(
    "CLOUD", "Cloud Ltd", "HK", contract="DPA-7", contract_from=date(2026, 1, 1), deletion_clause=True
)
BUCKET = DeclaredDestination(
    code="STORE",
    kind=DestinationKind.BUCKET,
    host="s3.cloud.test",
    port=None,
    jurisdiction="HK",
    data_classes=frozenset({DataClass.SEALED_OBJECTS}),
    purpose_zh="存放文件",
    purpose_en="keeps documents",
    processor="CLOUD",
)
CLAUSES = ModelClauses(
    Set.USER_TO_PROCESSOR, date(2026, 2, 1), onward_bound=True, deletion_at_end=True, helps_with_requests=True
)
GBA = GbaContract(
    "Hong Kong", "Shenzhen", effective_on=date(2026, 11, 2), assessed_on=date(2026, 9, 1), filing_number="GBA-1"
)
TRANSFER = Transfer(
    code="T1",
    destination="STORE",
    data_classes=frozenset({DataClass.SEALED_OBJECTS}),
    basis=Basis.MODEL_CLAUSES,
    evidence="DOC-1",
    since=date(2026, 2, 1),
    clauses=CLAUSES,
)


def register(
    *records: Processor | DeclaredDestination | Transfer, mode: ModeRecord | None = None, **more: Any
) -> Register:
    """A register of these records; a processor and a destination in Hong Kong stand in where none is given."""
    processors = {one.code: one for one in records if isinstance(one, Processor)} or {"CLOUD": PROCESSOR}
    destinations = {one.code: one for one in records if isinstance(one, DeclaredDestination)}
    transfers = {one.code: one for one in records if isinstance(one, Transfer)}
    made = Register(MappingProxyType(destinations), MappingProxyType(processors), MappingProxyType(transfers))
    return replace(made, mode=mode or ModeRecord(), **more)
