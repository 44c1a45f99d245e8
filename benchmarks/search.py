"""How quickly documents are found: the index on SQLite beside a LIKE scan of the same text, in the same run.

    .venv/bin/python -m benchmarks.search [--documents 50000] [--characters 500] [--queries 400]

Documents are made from a fixed seed: words of one to four Han characters with Zipf frequencies, a document number, a date, Latin
words. Queries are drawn from the documents themselves, so each has a hit. Every query is a full page: 50 hits with snippets, the
total, and a scope of 5 of 20 stores. The aim: p95 of every kind at most 50 ms at 50,000 documents.
"""

import argparse
import bisect
import itertools
import os
import random
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path

from documents.search.grams import fold, normal, parse_terms, pattern, spaced
from documents.search.index import SearchIndex
from documents.search.model import TOTAL_MAX, Facets, Order, Scope, SearchQuery, SearchText
from documents.search.sqlite.store import SqliteIndexStore

AIM_MS = 50.0
STORES = tuple(f"S{number:02d}" for number in range(20))
SCOPE = Scope(frozenset(STORES[:5]), organisation=False)
LATIN = ("invoice", "delivery", "note", "cosmetics", "whitening", "serum", "carton", "total", "HKD", "supplier")


class Writer:
    """Makes documents that look like the paper of a shop, as far as an index is concerned."""

    def __init__(self, seed: int, characters: int) -> None:
        self.chance = random.Random(seed)
        han = [chr(code) for code in range(0x4E00, 0x4E00 + 4000)]
        self.words = [
            "".join(self.chance.choices(han, k=self.chance.choice((1, 2, 2, 2, 3, 4)))) for _ in range(20_000)
        ]
        self.sums = list(itertools.accumulate(1 / rank for rank in range(1, len(self.words) + 1)))
        self.characters = characters

    def word(self) -> str:
        return self.words[min(bisect.bisect(self.sums, self.chance.random() * self.sums[-1]), len(self.words) - 1)]

    def body(self) -> str:
        parts: list[str] = []
        size = 0
        while size < self.characters:
            parts.append(self.word())
            size += len(parts[-1])
            if self.chance.random() < 0.15:
                parts.append(self.chance.choice("，。\n、 "))
            if self.chance.random() < 0.03:
                parts.append(f" {self.chance.choice(LATIN)} {self.chance.randrange(10**4)} ")
        return "".join(parts)

    def documents(self, count: int) -> Iterator[tuple[str, SearchText]]:
        for number in range(count):
            facets = Facets(
                document_class=self.chance.choice(("invoice", "delivery_note", "photo", "return_note")),
                state="released",
                store=self.chance.choice(STORES),
                supplier=f"V{self.chance.randrange(300):03d}",
                skus=(f"SKU-{self.chance.randrange(5000):04d}",),
                dated=date(2025, 1 + self.chance.randrange(12), 1 + self.chance.randrange(28)),
                amount=self.chance.randrange(10**7),
                currency="HKD",
            )
            yield (
                f"{number:032x}",
                SearchText(
                    number,
                    facets,
                    sensitive=False,
                    title=f"送貨單 DN-{number:06d}",
                    fields=f"DN-{number:06d}",
                    body=self.body(),
                ),
            )


def queries(bodies: list[str], chance: random.Random, count: int) -> dict[str, list[SearchQuery]]:
    """Kinds of queries, each of which finds something."""

    def han(length: int) -> str:
        while True:
            body = chance.choice(bodies)
            start = chance.randrange(len(body) - length)
            if all("\u4e00" <= character <= "\u9fff" for character in body[start : start + length]):
                return body[start : start + length]

    made: dict[str, Callable[[], SearchQuery]] = {}
    for length in (2, 3, 4, 6):
        made[f"{length} Han characters"] = partial(lambda n: SearchQuery(han(n)), length)
    made["two words of 2"] = lambda: SearchQuery(f"{han(2)} {han(2)}")
    made["2 characters, 1 more"] = lambda: SearchQuery(f"{han(2)} {han(1)}")
    made["Latin word"] = lambda: SearchQuery(chance.choice(LATIN))
    made["Latin prefix"] = lambda: SearchQuery(chance.choice(LATIN)[:3] + "*")
    made["document number"] = lambda: SearchQuery(f"DN-{chance.randrange(len(bodies)):06d}")
    made["number prefix"] = lambda: SearchQuery(f"{chance.randrange(100):02d}*")
    made["1 Han character"] = lambda: SearchQuery(han(1))
    made["2 Han, SKU"] = lambda: SearchQuery(han(2), sku=f"SKU-{chance.randrange(5000):04d}")
    made["2 Han, dates"] = lambda: SearchQuery(han(2), dated_from=date(2025, 3, 1), dated_until=date(2025, 3, 31))
    made["Latin word, amounts"] = lambda: SearchQuery(
        chance.choice(LATIN), amount_from=5_000_000, amount_until=5_100_000
    )
    made["dates alone"] = lambda: SearchQuery(dated_from=date(2025, 3, 1), dated_until=date(2025, 3, 2))
    made["2 Han, relevance"] = lambda: SearchQuery(han(2), order=Order.RELEVANCE)
    made["Latin word, relevance"] = lambda: SearchQuery(chance.choice(LATIN), order=Order.RELEVANCE)
    return {kind: [make() for _ in range(count)] for kind, make in made.items()}


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def p(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def scan_file(path: Path, texts: Iterator[tuple[str, SearchText]]) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE scanned (added_index INTEGER PRIMARY KEY, store TEXT, spaced TEXT)")
    rows = (
        (
            text.added_index,
            text.facets.store,
            "".join(spaced(fold(normal(part))) for part in (text.title, text.fields, text.body)),
        )
        for _, text in texts
    )
    connection.executemany("INSERT INTO scanned VALUES (?, ?, ?)", rows)
    connection.commit()
    return connection


def scanned(connection: sqlite3.Connection, query: SearchQuery) -> int:
    likes = [f"%{pattern(term)}%" for term in parse_terms(query.text or "")]
    where = " AND ".join(["spaced LIKE ?"] * len(likes))
    stores = ", ".join("?" * len(SCOPE.stores or ()))
    statement = f"SELECT added_index FROM scanned WHERE {where} AND store IN ({stores}) ORDER BY added_index DESC"
    return len(connection.execute(statement, (*likes, *sorted(SCOPE.stores or ()))).fetchall())


class Source:
    """The same documents every time."""

    def __init__(self, seed: int, characters: int, count: int) -> None:
        self._made = seed, characters, count

    def search_texts(self) -> Iterator[tuple[str, SearchText]]:
        seed, characters, count = self._made
        return Writer(seed, characters).documents(count)


def build(index: SearchIndex, source: Source, path: Path) -> None:
    made_s, cpu_s = timed(lambda: sum(1 for _ in source.search_texts())) / 1000, time.process_time()
    took_s = timed(lambda: index.rebuild(source)) / 1000 - made_s
    cpu_s = time.process_time() - cpu_s - made_s
    print(f"index {path.stat().st_size / 2**20:.0f} MiB, rebuilt in {took_s:.1f} s ({cpu_s:.1f} CPU s)")
    _, one = next(source.search_texts())
    puts = []
    for number in range(50):
        again = SearchText(10**9 + number, one.facets, sensitive=False, body=one.body)
        puts.append(timed(partial(index.put, f"new-{number}", again)))
    for number in range(50):
        index.remove(f"new-{number}")
    print(f"one put: p50 {p(puts, 0.5):.1f} ms, p95 {p(puts, 0.95):.1f} ms\n")


def measure(index: SearchIndex, scan: sqlite3.Connection, kind: str, wanted: list[SearchQuery]) -> float:
    """Prints one row; returns the p95."""
    for query in wanted[:20]:
        index.query(query, SCOPE)
    times, cpu_times, totals = [], [], []
    for query in wanted:
        started, cpu = time.perf_counter(), time.thread_time()
        totals.append(index.query(query, SCOPE).total)
        cpu_times.append((time.thread_time() - cpu) * 1000)
        times.append((time.perf_counter() - started) * 1000)
    like = ""
    if "," not in kind and kind != "dates alone":
        hits: list[int] = []
        like_times = [timed(lambda query=query: hits.append(scanned(scan, query))) for query in wanted[:15]]  # type: ignore[misc]
        assert [min(count, TOTAL_MAX) for count in hits] == totals[:15], f"{kind}: not what a scan finds"
        like = f"{p(like_times, 0.5):9.1f} {p(like_times, 0.95):7.1f}"
    print(
        f"{kind:24} {int(statistics.median(totals)):9,} {p(times, 0.5):8.2f} {p(times, 0.95):8.2f} {p(cpu_times, 0.95):8.2f} | {like}",
        flush=True,
    )
    return p(times, 0.95)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=50_000)
    parser.add_argument("--characters", type=int, default=500, help="of body text in each document")
    parser.add_argument("--queries", type=int, default=400, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    source = Source(asked.seed, asked.characters, asked.documents)
    print(f"{asked.documents:,} documents of {asked.characters} characters; load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "search.db"
        index = SearchIndex(SqliteIndexStore(path))
        build(index, source, path)
        scan = scan_file(Path(directory) / "scan.db", source.search_texts())
        print(f"{'query':24} {'hits p50':>9} {'p50 ms':>8} {'p95 ms':>8} {'CPU p95':>8} | {'LIKE p50':>9} {'p95':>7}")
        bodies = [text.body for _, text in source.search_texts()]
        kinds = queries(bodies, random.Random(2), asked.queries)
        worst = max(measure(index, scan, kind, wanted) for kind, wanted in kinds.items())
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        met = "met" if worst <= AIM_MS else "MISSED"
        print(f"\nworst p95 {worst:.1f} ms (aim {AIM_MS:.0f}): {met}; memory at most {peak_mib:.0f} MiB")
        index.close()
        scan.close()


if __name__ == "__main__":
    main()
