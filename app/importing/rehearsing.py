"""A dry run: the log itself judges every row, as an import would have it, and takes everything back.

- Each batch is one change that creates the SKUs it lacks, judges the rows, and ends in an error. Nothing of it stays,
  and other writers wait for one batch at most.
- What the batches before would have done to balances and lots is carried along, so that a stock that the file itself
  brings in can go out again further down.
- A GTIN that the file gives to two new SKUs belongs to the first of them by code, as the import creates them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from app.importing.feeding import Feed
from app.importing.requesting import sku_request_of
from stock.adjusting import Ahead
from stock.cataloguing import GTIN_DIGITS
from stock.errors import Code, Rehearsed, StockConflict, StockError
from stock.store import read_owners

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.importing.feeding import Step
    from app.importing.records import Movement
    from app.importing.report import Rejects, Tally
    from app.importing.running import Missing, Survey
    from app.importing.source import Source
    from app.wiring import House
    from policies.model import Principal
    from stock.model import RowResult, Sku
    from stock.requests import AdjustmentRequest, SkuRequest
    from storage import Change


class Rehearsal:
    """The second pass of a dry run."""

    def __init__(self, house: House, source: Source, principal: Principal, rejects: Rejects | None) -> None:
        """With `rejects`, the rows that would be rejected are written there; None: they are counted alone."""
        self._house: Final = house
        self._source: Final = source
        self._principal: Final = principal
        self._feed: Final = Feed(source, rejects)
        self._ahead: Final = Ahead()
        self._drafts: Final[dict[str, Change[Sku]]] = {}

    def run(self, found: Survey, missing: Missing, step: Step) -> Tally:
        """Judges every row; what the tally has as logged would be.

        Raises:
            FileRefused: the file changed meanwhile.
            StorageError: the log is away, or busy.
            Denied: the principal may not.
        """
        if self._source.mapping.sku.create:
            self._prepare_skus(found, missing)
        self._feed.run(found.tally.rows, self._judge, step)
        return self._feed.tally

    def _prepare_skus(self, found: Survey, missing: Missing) -> None:
        namespace = UUID(bytes=self._source.digest[:16])
        claims: dict[str, str] = {}
        for code in missing.skus:
            try:
                request = sku_request_of(found.skus[code], self._source.mapping.sku, uuid5(namespace, f"sku/{code}"))
                self._claim(claims, request)
            except StockError as error:
                self._feed.sku_faults[code] = error
            else:
                self._drafts[code] = self._house.stock.create_sku(self._principal, request)

    def _claim(self, claims: dict[str, str], request: SkuRequest) -> None:
        """Takes a GTIN for a new SKU: batches are taken back one by one, so that none sees what another gave away."""
        if request.gtin is None:
            return
        gtin = request.gtin.zfill(GTIN_DIGITS)
        first = claims.setdefault(gtin, request.code)
        if first == request.code:
            return
        with self._house.storage.database.read() as connection:
            is_owned = gtin in read_owners(connection, [gtin])
        if not is_owned:  # else both are refused, and the log says for whom
            raise StockConflict(Code.GTIN_TAKEN, ("gtin",), {"gtin": request.gtin, "sku": first})

    def _judge(
        self, movements: Sequence[Movement], requests: Sequence[AdjustmentRequest]
    ) -> Sequence[RowResult] | None:
        if not requests:
            return ()
        skus = {movement.sku: self._drafts[movement.sku] for movement in movements if movement.sku in self._drafts}
        change = self._house.stock.rehearse_many(self._principal, requests, skus, self._ahead, now=self._house.clock())
        try:
            self._house.storage.log.commit(change)
        except Rehearsed as rehearsed:
            self._ahead.adopt(rehearsed.later)
            self._feed.sku_faults.update(rehearsed.sku_errors)
            return rehearsed.results
        msg = "expected a rehearsal to be taken back, got one that was kept"
        raise AssertionError(msg)
