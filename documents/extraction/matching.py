"""Values held against what the shop knows: SKUs, suppliers, orders, its own names, barcodes on the page.

A register confirms a value that it has, mends one that is one misread character away from exactly one of its own, and
never invents one. Nothing is said of a register that is empty.
"""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Final

from documents.extraction.found import Found
from documents.extraction.model import (
    EVIDENCE_BARCODE,
    EVIDENCE_CHECK_DIGIT,
    EVIDENCE_REGISTER,
    EVIDENCE_REPAIRED,
    ReviewReason,
)
from documents.extraction.numbers import nearest, same_look
from documents.extraction.plain import distance, has_chinese, key
from documents.extraction.registers import folded_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from documents.extraction.registers import KnownSupplier, Registers
    from documents.reading.model import Barcode

CONFIRMED: Final = 0.995
NAMES_MAX: Final = 8
"""Names of a SKU that a description is held against."""
NAME_SLIP_MIN: Final = 5
"""Letters a name must have for one of them to be forgiven."""


def match_supplier(found: Found, suppliers: Sequence[KnownSupplier]) -> Found | None:
    """The party as the register's supplier, or None if it is none of them."""
    read = {key(text) for text in (str(found.value), found.raw)} - {""}
    exact: set[str] = set()
    near: set[str] = set()
    named: dict[str, str] = {}
    for supplier in suppliers:
        for name in supplier.names:
            folded = key(name)
            if not folded:
                continue
            if any(folded == one or (len(folded) >= 4 and folded in one) for one in read):
                exact.add(supplier.code)
                named[supplier.code] = name
            elif len(folded) >= NAME_SLIP_MIN and any(distance(folded, one, 1) <= 1 for one in read):
                near.add(supplier.code)
                named.setdefault(supplier.code, name)
    for codes, evidence in ((exact, (EVIDENCE_REGISTER,)), (near - exact, (EVIDENCE_REGISTER, EVIDENCE_REPAIRED))):
        if len(codes) == 1:
            code = codes.pop()
            whole = found.value if EVIDENCE_REPAIRED not in evidence else named[code]
            return Found(
                whole,
                found.raw,
                max(found.sure, CONFIRMED),
                found.tokens,
                (*found.evidence, *evidence),
                False,
                None,
                code,
            )
        if codes:
            return None
    return None


def is_own(found: Found, own_names: Iterable[str]) -> bool:
    """Whether a party is the organisation itself."""
    read = key(found.raw) + key(str(found.value))
    return any(len(folded := key(name)) >= 2 and folded in read for name in own_names)


def match_sku(row: dict[str, Found], registers: Registers) -> None:
    """A row's code as a SKU of the register, if it is one."""
    found, gtin = row.get("sku"), row.get("gtin")
    known = registers.gtin(str(gtin.value)) if gtin is not None else None
    if known is None and found is not None:
        known = registers.sku(str(found.value))
    if known is not None and found is not None:
        row["sku"] = Found(
            found.value,
            found.raw,
            max(found.sure, CONFIRMED),
            found.tokens,
            tuple(dict.fromkeys((*found.evidence, EVIDENCE_REGISTER))),
            code=known.code,
        )
        _confirm_description(row, known.names)
        return
    if found is None:
        return
    near = nearest(str(found.value), registers.sku_codes())
    if near is not None and (same_look(near, str(found.value)) or found.sure < 0.9):
        row["sku"] = Found(
            near,
            found.raw,
            max(found.sure, 0.97),
            found.tokens,
            (*found.evidence, EVIDENCE_REGISTER, EVIDENCE_REPAIRED),
            doubtful=not same_look(near, str(found.value)),
            code=near,
        )


def _confirm_description(row: dict[str, Found], names: Sequence[str]) -> None:
    """A description that is the very name of the code beside it, in one language or two, cannot have been misread."""
    found = row.get("description")
    folded = [key(name) for name in names[:NAMES_MAX]]
    if found is not None and key(str(found.value)) in {*folded, *map("".join, permutations(folded, 2))} - {""}:
        row["description"] = found.with_evidence(EVIDENCE_REGISTER, sure=max(found.sure, CONFIRMED))


def match_order(found: Found, registers: Registers) -> Found:
    """An order reference as the register's order, if it is one."""
    number = str(found.value)
    order = registers.order(number)
    if order is not None:
        return Found(
            order,
            found.raw,
            max(found.sure, CONFIRMED),
            found.tokens,
            (*found.evidence, EVIDENCE_REGISTER),
            code=order,
        )
    near = nearest(number, registers.order_numbers())
    if near is None:
        return found
    evidence = (*found.evidence, EVIDENCE_REGISTER, EVIDENCE_REPAIRED)
    doubtful = not same_look(near, number)
    return Found(near, found.raw, max(found.sure, 0.97), found.tokens, evidence, doubtful, code=near)


def match_number(found: Found | None, barcodes: Sequence[Barcode]) -> tuple[Found | None, ReviewReason | None]:
    """A document number against the barcodes: one that says nearly the same overrules the reader."""
    if found is None:
        return None, None
    number = str(found.value)
    for barcode in barcodes:
        if barcode.gs1 is not None or len(barcode.text) > 40:
            continue
        folded = folded_code(barcode.text)
        if folded == folded_code(number):
            return found.with_evidence(EVIDENCE_BARCODE, sure=max(found.sure, CONFIRMED)), None
        if len(folded) >= 5 and distance(folded, folded_code(number), 2) <= 2:
            evidence = (*found.evidence, EVIDENCE_BARCODE, EVIDENCE_REPAIRED)
            reason = None if same_look(barcode.text, number) else ReviewReason.BARCODE_DIFFERS
            return Found(barcode.text.strip(), found.raw, CONFIRMED, found.tokens, evidence), reason
    return found, None


def match_barcodes(rows: Sequence[dict[str, Found]], barcodes: Sequence[Barcode]) -> list[tuple[str, ReviewReason]]:
    """GTIN, batch and expiry from GS1 codes overrule the reader in the row of their GTIN."""
    doubts: list[tuple[str, ReviewReason]] = []
    for barcode in barcodes:
        gs1 = barcode.gs1
        if gs1 is None or gs1.gtin is None:
            continue
        holding = [index for index, row in enumerate(rows) if _has_gtin(row, gs1.gtin)]
        if len(holding) != 1:
            continue
        index = holding[0]
        row = rows[index]
        for name in ("sku", "gtin"):
            if name in row:
                row[name] = row[name].with_evidence(EVIDENCE_BARCODE, sure=max(row[name].sure, CONFIRMED))
        for name, said in (("batch", gs1.batch), ("expiry", gs1.expiry or gs1.best_before)):
            if said is None:
                continue
            before = row.get(name)
            agrees = before is not None and folded_code(str(before.value)) == folded_code(said)
            tokens = before.tokens if before is not None else ()
            raw = before.raw if before is not None else ""
            evidence = (EVIDENCE_BARCODE,) if agrees else (EVIDENCE_BARCODE, EVIDENCE_REPAIRED)
            row[name] = Found(said, raw, CONFIRMED, tokens, evidence)
            if before is not None and not agrees and distance(folded_code(str(before.value)), folded_code(said), 2) > 2:
                doubts.append((f"rows/{index}/{name}", ReviewReason.BARCODE_DIFFERS))
    return doubts


def _has_gtin(row: dict[str, Found], gtin: str) -> bool:
    if "gtin" in row and row["gtin"].value == gtin:
        return True
    sku = row.get("sku")
    return sku is not None and str(sku.value).isdecimal() and distance(str(sku.value).zfill(14), gtin, 1) <= 1


def looks_like_gtin(found: Found) -> bool:
    """Whether a code has the shape of a GTIN whose check digit does not hold."""
    text = str(found.value)
    return text.isdecimal() and len(text) in {12, 13, 14} and EVIDENCE_CHECK_DIGIT not in found.evidence


def is_named(text: str) -> bool:
    """Whether a text could be a name at all."""
    return has_chinese(text) or len(key(text)) >= 3
