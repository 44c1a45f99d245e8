"""What the shop already knows, against which a document is held.

A port: the room that owns the tables implements it; `MemoryRegisters` serves tests and the command line. Look-ups are
by value and bounded; nothing here is searched by the extractor more than once for a document and a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import msgspec


class KnownSku(msgspec.Struct, frozen=True):
    """A SKU of the register. `gtin` is 14 digits."""

    code: str
    gtin: str | None = None
    names: tuple[str, ...] = ()


class KnownSupplier(msgspec.Struct, frozen=True):
    """A supplier of the register, with the starts of the numbers that it gives its documents."""

    code: str
    names: tuple[str, ...]
    prefixes: tuple[str, ...] = ()


class Registers(Protocol):
    """Read access to SKUs, suppliers, purchase orders and our own names, at one moment."""

    def sku(self, code: str) -> KnownSku | None:
        """The SKU with exactly this code (case and separators folded), or None."""
        ...

    def gtin(self, gtin: str) -> KnownSku | None:
        """The SKU of a GTIN in 14 digits, or None."""
        ...

    def sku_codes(self) -> Sequence[str]:
        """All SKU codes, at most 200,000: for codes one misread character away."""
        ...

    def suppliers(self) -> Sequence[KnownSupplier]:
        """All suppliers, at most 20,000."""
        ...

    def order(self, number: str) -> str | None:
        """A purchase order's own number, of one that has this number (case and separators folded), or None."""
        ...

    def order_numbers(self) -> Sequence[str]:
        """Numbers of purchase orders, at most 20,000."""
        ...

    def own_names(self) -> Sequence[str]:
        """How the organisation and its stores are called on paper, in both languages."""
        ...


def folded_code(code: str) -> str:
    """A code without case and separators, as codes are compared."""
    return "".join(character for character in code.upper() if character.isalnum())


class MemoryRegisters:
    """Registers held in memory."""

    def __init__(
        self,
        *,
        skus: Iterable[KnownSku] = (),
        suppliers: Iterable[KnownSupplier] = (),
        orders: Iterable[str] = (),
        own_names: Iterable[str] = (),
    ) -> None:
        held = tuple(skus)
        self._skus: Mapping[str, KnownSku] = {folded_code(sku.code): sku for sku in held}
        self._gtins: Mapping[str, KnownSku] = {sku.gtin: sku for sku in held if sku.gtin is not None}
        self._codes = tuple(sku.code for sku in held)
        self._suppliers = tuple(suppliers)
        self._orders: Mapping[str, str] = {folded_code(number): number for number in orders}
        self._own_names = tuple(own_names)

    def sku(self, code: str) -> KnownSku | None:
        """See `Registers`."""
        return self._skus.get(folded_code(code))

    def gtin(self, gtin: str) -> KnownSku | None:
        """See `Registers`."""
        return self._gtins.get(gtin)

    def sku_codes(self) -> Sequence[str]:
        """See `Registers`."""
        return self._codes

    def suppliers(self) -> Sequence[KnownSupplier]:
        """See `Registers`."""
        return self._suppliers

    def order(self, number: str) -> str | None:
        """See `Registers`."""
        return self._orders.get(folded_code(number))

    def order_numbers(self) -> Sequence[str]:
        """See `Registers`."""
        return tuple(self._orders.values())

    def own_names(self) -> Sequence[str]:
        """See `Registers`."""
        return self._own_names
