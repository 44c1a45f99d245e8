"""What becomes of records, as it stands: the engine, fed with what rooms and people say and with the holds that stand.

    with database.read() as connection:
        judged = retention.judge_record(connection, record, on)         # raises UnknownRetention
        shown = retention.explain(connection, record, on)

    def run(tx):                                                        # inside a change, under the log's lock
        retention.require_free(tx, records)                             # raises Held

Everything is read where it is asked, so a judgement made inside a change knows every hold that was placed before it, and a hold
placed after it knows that the disposal has begun.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.entry import parse_entry
from retention import rules
from retention import store as rows
from retention.assembling import fits, item_of, triggers_of
from retention.errors import Code, Held, UnknownRetention
from retention.model import Trigger
from retention.records import Judged, Record, Shown
from retention.writing import Writing
from storage.reading import read_entry
from storage.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from retention.model import Hold, Item, Schedule
    from retention.records import Described, Matter, YearEnd
    from storage.either import Reader


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All that is the same for every record: read once for a page or a review."""

    schedules: tuple[Schedule, ...]
    classes: Mapping[tuple[str, str], str]
    year_ends: tuple[YearEnd, ...]
    live: tuple[Matter, ...]


class Judging(Writing):
    """Judgements."""

    def rulebook(self, reader: Reader) -> Rulebook:
        """The rules and live holds as they stand for this reader."""
        return Rulebook(
            tuple(schedule for schedule, _ in rows.read_schedules(reader)),
            rows.read_classes(reader),
            tuple(rows.read_year_ends(reader)),
            tuple(rows.read_live_matters(reader)),
        )

    def judge_record(self, reader: Reader, record: Record, on: date) -> Judged:
        """What may be done with a record on a day.

        Raises:
            UnknownRetention: there is no such record.
        """
        found = self.judge_records(reader, [record], on)
        if record not in found:
            raise UnknownRetention(Code.RECORD_UNKNOWN, ("record",), {"record": record.key})
        return found[record]

    def judge_records(
        self, reader: Reader, records: Sequence[Record], on: date, *, rulebook: Rulebook | None = None
    ) -> dict[Record, Judged]:
        """What may be done with each of these records on a day; those that are not there are absent."""
        book = rulebook or self.rulebook(reader)
        return {
            record: Judged(described, item.record_class, rules.judge(item, book.schedules, on), item.triggers)
            for record, (described, item) in self._items(reader, records, book).items()
        }

    def walk(self, reader: Reader, *, limit: int) -> Iterator[Sequence[Record]]:
        """Every record that may be disposed of one day, by kind and id, at most `limit` at a time."""
        for kind, source in sorted(self._sources.items()):
            after = ""
            while records := source.walk(reader, kind, after=after, limit=limit):
                yield records
                after = records[-1].id

    def explain(self, reader: Reader, record: Record, on: date) -> Shown:
        """A judgement with everything it rests on, and what older versions of the rules would have said.

        Raises:
            UnknownRetention: there is no such record.
        """
        book = self.rulebook(reader)
        found = self._items(reader, [record], book)
        if record not in found:
            raise UnknownRetention(Code.RECORD_UNKNOWN, ("record",), {"record": record.key})
        described, item = found[record]
        explained = rules.explain(item, book.schedules, on)
        ids = {
            *explained.now.considered,
            *(() if explained.earlier is None else explained.earlier.considered),
        }
        holding = self._matters_of(reader, [described], book.live)[record]
        return Shown(
            judged=Judged(described, item.record_class, explained.now, item.triggers),
            earlier=explained.earlier,
            triggers=item.triggers,
            facts=item.facts,
            schedules=tuple(schedule for schedule in book.schedules if schedule.id in ids),
            matters=tuple(sorted(holding, key=lambda matter: matter.number)),
        )

    # ------------------------------------------------------------------------------------------- holds

    def holds_of(self, reader: Reader, record: Record) -> tuple[Hold, ...]:
        """The holds that stand on a record, static and live.

        Raises:
            UnknownRetention: there is no such record.
        """
        found = self.holds_standing(reader, [record])
        if record not in found:
            raise UnknownRetention(Code.RECORD_UNKNOWN, ("record",), {"record": record.key})
        return found[record]

    def holds_standing(self, reader: Reader, records: Sequence[Record]) -> dict[Record, tuple[Hold, ...]]:
        """The holds that stand on each of these records; those that are not there are absent."""
        described = self._describe(reader, records)
        found = self._matters_of(reader, list(described.values()), rows.read_live_matters(reader))
        return {
            record: tuple(matter.hold for matter in sorted(matters, key=lambda matter: matter.number))
            for record, matters in found.items()
        }

    def matters_of_entries_by(self, reader: Reader, person: str) -> set[str]:
        """Matters that name an adjustment which a person made, or somebody for them."""
        found: set[str] = set()
        for index, matter in rows.read_held_entries(reader):
            connection = reader.connection if isinstance(reader, Transaction) else reader
            actor = parse_entry(read_entry(connection, index).bytes).event.actor
            if person in {actor.id, actor.acting_for}:
                found.add(matter)
        return found

    def require_free(self, reader: Reader, records: Sequence[Record]) -> None:
        """Check that no hold stands on any of them; ask it inside the change that begins a disposal.

        Raises:
            Held: one does. UnknownRetention: one of them is not there.
        """
        standing = self.holds_standing(reader, records)
        for record in records:
            if record not in standing:
                raise UnknownRetention(Code.RECORD_UNKNOWN, ("record",), {"record": record.key})
            if standing[record]:
                matters = ", ".join(hold.matter for hold in standing[record])
                raise Held(Code.RECORD_HELD, ("record",), {"record": record.key, "matters": matters})

    # ----------------------------------------------------------------------------------------- what is read

    def _describe(self, reader: Reader, records: Iterable[Record]) -> dict[Record, Described]:
        found: dict[Record, Described] = {}
        wanted = list(records)
        for kind, source in self._sources.items():
            of_kind = [record for record in wanted if record.kind is kind]
            if of_kind:
                found |= source.describe(reader, of_kind)
        return found

    def _items(self, reader: Reader, records: Sequence[Record], book: Rulebook) -> dict[Record, tuple[Described, Item]]:
        described = self._describe(reader, records)
        everyone = list(described.values())
        subjects = {subject for one in everyone for subject in one.subjects}
        recorded = rows.read_triggers(reader, subjects)
        facts = rows.read_facts(reader, subjects)
        known: dict[Record, dict[Trigger, date | None]] = {}
        for source in self._means.triggers:
            for record, triggers in source.triggers_of(reader, everyone).items():
                known.setdefault(record, {}).update(triggers)
        matters = self._matters_of(reader, everyone, book.live)
        made: dict[Record, tuple[Described, Item]] = {}
        for record, one in described.items():
            record_class = book.classes.get((record.kind.value, one.class_code), one.class_code)
            triggers = triggers_of(one, recorded, known.get(record, {}), book.year_ends)
            stands = frozenset[str]().union(*(facts.get(subject, frozenset()) for subject in one.subjects))
            made[record] = one, item_of(one, record_class, triggers, stands, matters[record])
        return made

    def _matters_of(
        self, reader: Reader, described: Sequence[Described], live: Iterable[Matter]
    ) -> dict[Record, list[Matter]]:
        named = rows.read_named_matters(reader, [one.record for one in described])
        queries = [matter for matter in live if matter.query is not None]
        found: dict[Record, list[Matter]] = {}
        for one in described:
            matters = {matter.number: matter for matter in named.get(one.record, ())}
            matters |= {
                matter.number: matter for matter in queries if matter.query is not None and fits(matter.query, one)
            }
            found[one.record] = list(matters.values())
        return found
