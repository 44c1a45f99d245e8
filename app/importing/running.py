"""An import at work: a survey of the file, then its rows into the log in batches.

- Two passes. The survey reads every row, learns which SKUs and stores the file speaks of, and counts. The second pass
  writes; that of a dry run (`app.importing.rehearsing`) has everything taken back.
- Every row has an event id of its own that follows from the file (or from the mapping's identity columns). A row that
  an earlier, perhaps killed, run logged is a replay: it is counted, and moves nothing.
- A batch that the log could not take for now is tried again; one whose outcome is unknown too, because its rows replay.
- A row is rejected alone; the others of its batch are logged.
- `import.started` and `import.finished` are entries: which file (by digest), by which mapping, with what outcome.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID, uuid5

from app.importing.errors import ImportRefused
from app.importing.feeding import BATCH_ROWS, Feed, translated
from app.importing.mapping import Field
from app.importing.records import Movement, Rejection, SkuDraft
from app.importing.report import Rejects, Tally
from app.importing.requesting import sku_request_of
from app.importing.sentences import Said, told
from app.importing.translating import Translator
from audit.entry import parse_entry
from audit.event import Event, Subject
from policies.model import Action, Resource
from stock.errors import BatchRefused, StockError
from stock.model import RowResult, Sku
from stock.store import read_reasons, read_sku
from storage import Change
from storage.errors import CommitUnknown, LogBusy, StorageFailed
from storage.reading import EntryFilter, read_entries
from storage.scope import EVERYTHING

if TYPE_CHECKING:
    from app.importing.feeding import Step
    from app.importing.source import Source
    from app.wiring import House
    from audit.canonical import JSON
    from policies.model import Decision, Principal
    from stock.requests import AdjustmentRequest
    from storage import Committed, Transaction

T = TypeVar("T")

STARTED: Final = "import.started"
FINISHED: Final = "import.finished"
SUBJECT: Final = "import"

SKU_BATCH: Final = 500
SKUS_MAX: Final = 1_000_000
TRIES: Final = 6
WAIT_S: Final = 0.2


@dataclass(slots=True)
class Survey:
    """What a first look at the file found.

    Attributes:
        tally: rows and rejections so far; nothing logged.
        stores, reasons: codes the movements name.
        skus: SKUs the movements name, as far as the file describes them.
    """

    tally: Tally = field(default_factory=Tally)
    movements: int = 0
    stores: set[str] = field(default_factory=set)
    reasons: set[str] = field(default_factory=set)
    skus: dict[str, SkuDraft] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Missing:
    """What the file names and the house does not have, sorted."""

    stores: tuple[str, ...]
    reasons: tuple[str, ...]
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an import ended."""

    tally: Tally
    skus_created: int
    first_index: int | None
    last_index: int | None
    duration_s: float


def survey(source: Source, step: Step) -> Survey:
    """Reads the whole file without writing anything.

    Raises:
        FileRefused: the file cannot be read as the mapping says.
        ImportRefused: it names more SKUs than `SKUS_MAX`.
    """
    found = Survey()
    translator = Translator(source.mapping, source.header, source.digest)
    for row in source.rows():
        read = translated(translator, row)
        if isinstance(read, Rejection):
            found.tally.saw(read)
            found.tally.reject(read)
        else:
            found.tally.saw(read[0])
            _note(found, read[0], translator)
        if found.tally.rows % BATCH_ROWS == 0:
            step(found.tally.rows)
    return found


def missing_in(house: House, found: Survey) -> Missing:
    """Compares what the file names with what there is."""
    with house.storage.database.read() as connection:
        skus = tuple(sorted(code for code in found.skus if read_sku(connection, code) is None))
        reasons = {reason.code for reason in read_reasons(connection) if reason.active}
    stores = house.policies.fresh_directory().stores
    return Missing(tuple(sorted(found.stores - stores.keys())), tuple(sorted(found.reasons - reasons)), skus)


def refuse_hopeless(source: Source, missing: Missing) -> None:
    """Stops an import that would reject every row for one and the same missing thing.

    Raises:
        ImportRefused: the mapping's constant store or reason does not exist.
    """
    constants = source.mapping.constants
    store, reason = constants.get(Field.STORE), constants.get(Field.REASON)
    if store in missing.stores:
        raise ImportRefused(told(Said.STORE_UNKNOWN, store=store))
    if reason in missing.reasons:
        raise ImportRefused(told(Said.REASON_UNKNOWN, reason=reason))


def refuse_other_actor(house: House, source: Source, principal: Principal) -> None:
    """Stops an import that would log every row again, since event ids are told apart by who sends them.

    Raises:
        ImportRefused: somebody else imported this very file.
    """
    wanted = EntryFilter(subject=f"{SUBJECT}:{source.digest.hex()}", type=STARTED)
    with house.storage.database.read() as connection:
        for entry in read_entries(connection, EVERYTHING, wanted, cursor=None, limit=100, newest_first=False).entries:
            actor = parse_entry(entry.bytes).event.actor.id
            if actor != principal.id:
                raise ImportRefused(told(Said.OTHER_ACTOR, index=entry.index, actor=actor))


class Import:
    """The second pass: rows into the log."""

    def __init__(self, house: House, source: Source, principal: Principal, rejects: Rejects) -> None:
        self._house: Final = house
        self._source: Final = source
        self._principal: Final = principal
        self._feed: Final = Feed(source, rejects)
        self._skus_created = 0

    def run(self, found: Survey, missing: Missing, step: Step) -> Outcome:
        """Writes everything; returns when the last row is durable or rejected.

        Raises:
            ImportRefused: the file changed meanwhile.
            StorageError: the log is away for longer than a moment; run the import again.
            Denied: the principal may not.
        """
        begun_s = time.monotonic()
        decision = self._house.policies.require(self._principal, Action.CATALOG_WRITE, Resource(SUBJECT))
        self._record(decision, STARTED, {"rows": found.tally.rows})
        if self._source.mapping.sku.create:
            self._create_skus([found.skus[code] for code in missing.skus])
        feed = self._feed
        feed.run(found.tally.rows, self._adjust, step)
        tally = feed.tally
        outcome: dict[str, JSON] = {
            "rows": tally.rows,
            "logged": tally.logged,
            "replayed": tally.replayed,
            "rejected": tally.rejected_rows,
            "change_logged": str(tally.change_logged),
        }
        self._record(decision, FINISHED, outcome)
        return Outcome(tally, self._skus_created, feed.first, feed.last, time.monotonic() - begun_s)

    def _adjust(
        self, _movements: Sequence[Movement], requests: Sequence[AdjustmentRequest]
    ) -> Sequence[RowResult] | None:
        """What became of each request; None: every one is a replay."""
        if not requests:
            return ()
        now = self._house.clock()
        stock = self._house.stock

        def build() -> Change[tuple[RowResult, ...]]:
            return stock.adjust_many(self._principal, requests, all_or_nothing=False, now=now)

        try:
            committed = self._commit(build)
        except BatchRefused as refused:
            return refused.results
        return committed.result

    def _create_skus(self, drafts: Sequence[SkuDraft]) -> None:
        for batch in _batches(drafts, SKU_BATCH):
            try:
                self._create_together(batch)
            except StockError:
                # One of them is refused (a GTIN in use, say): then each for itself, so that only that one is.
                for draft in batch:
                    try:
                        self._create_together([draft])
                    except StockError as error:
                        self._feed.sku_faults[draft.code] = error

    def _create_together(self, drafts: Sequence[SkuDraft]) -> None:
        namespace = UUID(bytes=self._source.digest[:16])
        requests = [
            sku_request_of(draft, self._source.mapping.sku, uuid5(namespace, f"sku/{draft.code}")) for draft in drafts
        ]

        def build() -> Change[None]:
            return _together([self._house.stock.create_sku(self._principal, request) for request in requests])

        self._commit(build)
        self._skus_created += len(requests)

    def _record(self, decision: Decision, kind: str, outcome: dict[str, JSON]) -> None:
        source = self._source
        data: dict[str, JSON] = {
            "file": source.digest.hex(),
            "mapping": source.mapping.digest.hex(),
            **outcome,
        }
        event_id = UUID(bytes=self._house.entropy(16), version=4)
        policies = self._house.policies

        def run(tx: Transaction) -> None:
            event = Event(
                type=kind,
                subjects=(Subject(SUBJECT, source.digest.hex()),),
                data=data,
                actor=decision.principal.actor,
                event_id=event_id,
                decision=policies.confirm(tx, decision),
            )
            tx.append(event)

        self._commit(lambda: Change(run, reads=policies.reads))

    def _commit(self, build: Callable[[], Change[T]]) -> Committed[T]:
        for attempt in range(1, TRIES):
            try:
                return self._house.storage.log.commit(build())
            except (LogBusy, CommitUnknown, StorageFailed):
                time.sleep(WAIT_S * 2**attempt)
        return self._house.storage.log.commit(build())


def _note(found: Survey, movement: Movement, translator: Translator) -> None:
    found.movements += 1
    found.stores.add(movement.store)
    found.reasons.add(movement.reason)
    known = found.skus.get(movement.sku)
    if known is None or not (known.name_zh and known.name_en and known.gtin):
        draft = translator.sku_draft(movement.record, movement.sku)
        found.skus[movement.sku] = draft if known is None else known.completed_by(draft)
        if len(found.skus) > SKUS_MAX:
            raise ImportRefused(told(Said.SKUS_MAX, max=SKUS_MAX))


def _together(changes: Sequence[Change[Sku]]) -> Change[None]:
    def run(tx: Transaction) -> None:
        for change in changes:
            change.run(tx)

    return Change(
        run,
        reads=tuple(dict.fromkeys(read for change in changes for read in change.reads)),
        event_ids=tuple(event for change in changes for event in change.event_ids),
        subjects=tuple(dict.fromkeys(subject for change in changes for subject in change.subjects)),
    )


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
