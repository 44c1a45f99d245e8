"""SKUs from a file: one row for each, under the API's own names for the members.

- The header names members of a SKU: `code`, `name_zh`, `name_en`, `unit`, `scale`, `lot_tracking`, `gtin`. Others are
  refused, so that a misspelt one is never silently without effect.
- A SKU that is in the catalogue with the same content is unchanged; with another it is rejected, never overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from app.importing.delimited import read_delimited
from app.importing.encoding import choose_codec
from app.importing.errors import HeaderRefused
from app.importing.mapping import FileShape
from app.importing.records import Record, Rejection, RejectKind, Unreadable
from app.importing.report import Rejects
from app.importing.sentences import Said, told
from app.importing.workbook import is_workbook, read_workbook
from policies.model import Words
from stock.errors import Code, StockConflict, StockError
from stock.model import Sku
from stock.parsing import parse_sku
from stock.store import read_sku

if TYPE_CHECKING:
    from app.wiring import House
    from policies.model import Principal
    from stock.requests import SkuRequest

MEMBERS: Final = ("code", "name_zh", "name_en", "unit", "scale", "lot_tracking", "gtin")
NEEDED: Final = ("code", "unit")


@dataclass(slots=True)
class SkuTally:
    """What became of each row."""

    rows: int = 0
    created: int = 0
    unchanged: int = 0
    rejected: int = 0


def read_sku_rows(path: Path, shape: FileShape) -> tuple[tuple[str, ...], Iterator[Record | Unreadable]]:
    """The header and the rows below it.

    Raises:
        FileRefused: it cannot be read so.
        HeaderRefused: a column is unknown, missing or there twice.
    """
    rows = _rows(path, shape)
    first = next(rows, None)
    if first is None or isinstance(first, Unreadable):
        raise HeaderRefused(told(Said.SKU_HEADER_NONE, names=", ".join(MEMBERS)))
    header = tuple(text.strip() for text in first.texts)
    while header and not header[-1]:
        header = header[:-1]
    unknown = [name for name in header if name not in MEMBERS]
    lacking = [name for name in NEEDED if name not in header]
    if unknown or lacking or len(set(header)) < len(header):
        words = told(Said.SKU_HEADER, names=", ".join(MEMBERS), needed=", ".join(NEEDED), got=", ".join(header))
        raise HeaderRefused(words)
    return header, rows


def _rows(path: Path, shape: FileShape) -> Iterator[Record | Unreadable]:
    if is_workbook(path):
        yield from read_workbook(path, shape)
        return
    codec = choose_codec(path, shape.encoding)
    with path.open(encoding=codec, errors="replace", newline="") as stream:
        yield from read_delimited(stream, shape)


def import_skus(
    house: House,
    principal: Principal,
    header: tuple[str, ...],
    rows: Iterator[Record | Unreadable],
    *,
    namespace: UUID,
    rejects: Rejects,
    step: Callable[[int], None],
    dry_run: bool,
) -> SkuTally:
    """Creates what the catalogue lacks; each row is a change of its own, gathered by the log.

    Raises:
        StorageError: the log is away; run it again.
        Denied: the principal may not.
    """
    tally = SkuTally()
    rehearsed: dict[str, Sku] = {}
    while batch := list(islice(rows, 200)):
        rejections = []
        for row in batch:
            tally.rows += 1
            try:
                request = _request(row, header, namespace)
                created = _create(house, principal, request, rehearsed if dry_run else None)
            except _Bad as bad:
                rejections.append(Rejection(row.line, RejectKind.BAD, bad.code, bad.reason, _texts(row)))
            except StockError as error:
                rejections.append(Rejection(row.line, RejectKind.REFUSED, error.code.value, error.told(), _texts(row)))
            else:
                tally.created += created
                tally.unchanged += not created
        tally.rejected += len(rejections)
        rejects.write(rejections)
        step(tally.rows)
    return tally


class _Bad(Exception):
    """A row that is none."""

    def __init__(self, code: str, reason: Words) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason.en)


def _create(house: House, principal: Principal, request: SkuRequest, rehearsed: dict[str, Sku] | None) -> bool:
    """Whether it was created; `rehearsed` is what a dry run would have created before this row."""
    wanted = Sku(
        request.code,
        request.name_zh,
        request.name_en,
        request.unit,
        request.scale,
        request.lot_tracking,
        request.gtin,
    )
    with house.storage.database.read() as connection:
        known = read_sku(connection, request.code)
    if known is None and rehearsed is not None:
        known = rehearsed.get(request.code)
    if known == wanted:
        return False
    change = house.stock.create_sku(principal, request)
    if known is not None:
        # Told here rather than by the change: rows of one file that name one SKU differently share an event id.
        raise StockConflict(Code.SKU_EXISTS, ("code",), {"sku": request.code})
    if rehearsed is not None:
        rehearsed[request.code] = wanted
        return True
    return not house.storage.log.commit(change).replayed


def _request(row: Record | Unreadable, header: tuple[str, ...], namespace: UUID) -> SkuRequest:
    if isinstance(row, Unreadable):
        raise _Bad("unreadable", row.reason)
    texts = [text.strip() for text in row.texts]
    if len(texts) < len(header) or any(texts[len(header) :]):
        raise _Bad("cells", told(Said.CELLS, expected=len(header), got=len(texts)))
    content: dict[str, object] = {name: text for name, text in zip(header, texts, strict=False) if text}
    scale = content.get("scale")
    if isinstance(scale, str) and scale.isdecimal():
        content["scale"] = int(scale)
    return parse_sku(content, event_id=uuid5(namespace, f"sku/{content.get('code')}"))


def _texts(row: Record | Unreadable) -> tuple[str, ...]:
    return (row.text,) if isinstance(row, Unreadable) else row.texts
