"""How well paper is read: one line per picture level, for a folder of pictures with their truth.

    python -m benchmarks.ocr --truth DIR                    # pictures
    python -m benchmarks.ocr --truth DIR --pdf              # the PDFs instead
    python -m benchmarks.ocr --truth DIR --keep READINGS    # keeps readings, and uses those that are there
    python -m benchmarks.ocr --truth DIR --keep READINGS --pack FILE.jsonl.xz   # readings and truth as one file, which --truth takes as well
    python -m benchmarks.ocr --truth DIR --half 0           # only half of the documents (0 or 1)
    python -m benchmarks.ocr --truth DIR --forget 0.3       # as if the lexicon lacked three words of ten: what passes unseen wordings?
    python -m benchmarks.ocr --truth DIR --known            # as in a shop that has these SKUs and suppliers in its registers

A truth file NAME.json has `image` (and `pdf`), `level`, `fields` (doc_type, doc_no, date, po_ref, supplier, buyer,
currency, total, items), optionally `columns` (those that are printed) and `cells` (every printed string). Names with two
languages count as right in either, or in both together. Without `fields`, as for receipts, only the strings are counted.

- header F1, cell F1: over values; a wrong one counts as both missed and made up.
- all right: share of documents with every header value and every cell right.
- through, silent: share that needs no review; share of all documents that are wrong and need none.
- exact: share of printed strings of two characters or more found whole.
- CPU s: user and system time of reading and extracting a page, children included. Memory: the peak of this process.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import resource
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.kept_papers import read_papers, write_papers
from documents.extraction import lexicon
from documents.extraction.extracting import extract
from documents.extraction.flat import flatten
from documents.extraction.model import Extraction, Field, Money, Row
from documents.extraction.registers import KnownSku, KnownSupplier, MemoryRegisters
from documents.reading.model import DocumentReading

HEADER = ("doc_type", "doc_no", "date", "po_ref", "supplier", "buyer", "currency", "total")
CELLS = {
    "sku": "sku",
    "desc": "description",
    "qty": "quantity",
    "unit": "unit",
    "unit_price": "unit_price",
    "amount": "amount",
    "batch": "batch",
    "expiry": "expiry",
    "result": "result",
    "reason": "reason",
}
MEDIA = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".pdf": "application/pdf"}


@dataclass
class Tally:
    """Counts of one level."""

    pages: int = 0
    documents: int = 0
    right: int = 0
    figures_right: int = 0
    typed: int = 0
    through: int = 0
    silent: int = 0
    header: list[int] = field(default_factory=lambda: [0, 0, 0])
    cells: list[int] = field(default_factory=lambda: [0, 0, 0])
    strings: list[int] = field(default_factory=lambda: [0, 0])
    cpu_s: float = 0.0


def plain(value: object) -> str:
    # A multiplication sign is printed and read as either.
    text = unicodedata.normalize("NFKC", str(value)).casefold().replace("×", "x")
    return "".join(text.split())


def wanted(value: Any) -> set[str]:
    """All forms in which a truth counts as found; empty if there is none."""
    if value is None:
        return set()
    if isinstance(value, dict):
        value = [value.get("zh"), value.get("en")]
    if isinstance(value, list):
        parts = [plain(part) for part in value if part]
        return {*parts, "".join(parts), "".join(reversed(parts))} - {""}
    return {plain(value)}


def got(found: Field | None) -> str | None:
    if found is None:
        return None
    if isinstance(found.value, Money):
        return plain(Decimal(found.value.amount).scaleb(-2))
    return plain(found.value)


def same(name: str, truth: Any, found: Field | None) -> bool | None:
    """Whether a value is right; None where there is nothing to find and nothing was found."""
    forms, value = wanted(truth), got(found)
    if not forms:
        return None if value is None else False
    if value is None:
        return False
    if name in {"total", "unit_price", "amount", "quantity"}:
        return any(Decimal(form) == Decimal(value) for form in forms)
    return value in forms or (name in {"supplier", "buyer"} and found is not None and plain(found.raw) in forms)


def count(counts: list[int], right: bool | None, truth: Any, found: Field | None) -> None:
    """Adds to [hits, made up, missed]."""
    if right:
        counts[0] += 1
    elif right is False:
        counts[1] += found is not None
        counts[2] += bool(wanted(truth))


def f1(counts: list[int]) -> float:
    hits, made_up, missed = counts
    return share(2 * hits, 2 * hits + made_up + missed)


def paired(items: list[dict[str, Any]], rows: tuple[Row, ...]) -> list[tuple[dict[str, Any] | None, Row | None]]:
    """Truth and read rows side by side: in order if as many, else by code."""
    if len(items) == len(rows):
        return list(zip(items, rows, strict=True))
    left = list(rows)
    pairs: list[tuple[dict[str, Any] | None, Row | None]] = []
    for item in items:
        match = next((row for row in left if got(row.fields.get("sku")) == plain(item["sku"])), None)
        if match is not None:
            left.remove(match)
        pairs.append((item, match))
    return pairs + [(None, row) for row in left]


def score(tally: Tally, truth: dict[str, Any], extraction: Extraction) -> list[str]:
    """Adds a document; returns what was wrong."""
    fields = truth["fields"]
    wrong: list[str] = []
    words: list[str] = []
    for name in HEADER:
        right = same(name, fields.get(name), extraction.fields.get(name))
        count(tally.header, right, fields.get(name), extraction.fields.get(name))
        if right is False:
            wrong.append(f"{name}: {fields.get(name)} / {got(extraction.fields.get(name))}")
    columns = set(truth.get("columns") or CELLS)
    for index, (item, row) in enumerate(paired(fields["items"], extraction.rows)):
        for name, ours in CELLS.items():
            expected = item.get(name) if item is not None and name in columns else None
            if expected is None and name == "sku" and item is not None:
                continue
            found = row.fields.get(ours) if row is not None else None
            right = same(ours, expected, found)
            count(tally.cells, right, expected, found)
            if right is False:
                (words if name in {"desc", "unit", "reason"} else wrong).append(
                    f"row {index} {name}: {expected} / {got(found)}"
                )
    tally.documents += 1
    tally.typed += same("doc_type", fields["doc_type"], extraction.doc_type) is True
    tally.right += not wrong and not words
    tally.figures_right += not wrong
    tally.through += extraction.straight_through
    if extraction.straight_through and (wrong or words):
        tally.silent += 1
        wrong.append("SILENT")
    return wrong + words


def strings(tally: Tally, truth: dict[str, Any], reading: DocumentReading) -> list[str]:
    """Counts printed strings that were found whole; returns those that were not."""
    seen = [plain(line.text) for page in reading.pages for line in page.lines]
    seen += [plain("".join(token.text for token in row)) for page in reading.pages for row in flatten(page).rows]
    printed = [text for cell in truth.get("cells", []) if len(text := plain(cell["text"])) >= 2]
    missing = [text for text in printed if not any(text in one for one in seen)]
    tally.strings[0] += len(printed) - len(missing)
    tally.strings[1] += len(printed)
    return missing


def cpu_s() -> float:
    mine, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + children.ru_utime + children.ru_stime


class Readings:
    """Readings made now, or kept from before."""

    def __init__(self, keep: Path | None) -> None:
        self._keep = keep
        self._ready = False

    def of(self, path: Path) -> tuple[DocumentReading, float]:
        kept = self._keep / f"{path.name}.reading.json" if self._keep is not None else None
        if kept is not None and kept.exists():
            told = json.loads(kept.with_suffix(".cpu").read_text())
            return DocumentReading.from_json(kept.read_bytes()), float(told)
        from documents.reading.tasks import Readers

        if not self._ready:
            Readers.shared()
            self._ready = True
        before = cpu_s()
        with path.open("rb") as file:
            reading = Readers.shared().read(file, MEDIA[path.suffix.lower()])
        spent = cpu_s() - before
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(reading.to_json())
            kept.with_suffix(".cpu").write_text(json.dumps(spent))
        return reading, spent


@dataclass(frozen=True)
class Paper:
    """A paper with its truth. `read` gives its reading and the CPU seconds that it took."""

    name: str
    truth: dict[str, Any]
    read: Callable[[], tuple[DocumentReading, float]]


def pictured(folder: Path, keep: Path | None, *, pdf: bool) -> list[Paper]:
    """The papers of a folder of pictures."""
    readings = Readings(keep)

    def paper(path: Path) -> Paper:
        truth = json.loads(path.read_text())
        return Paper(path.stem, truth, lambda: readings.of(folder / truth["pdf" if pdf else "image"]))

    return [paper(path) for path in sorted(folder.glob("*.json")) if path.name != "index.json"]


def kept(file: Path) -> list[Paper]:
    """The papers of a file that `--pack` made; nothing is read again."""

    def paper(name: str, truth: dict[str, Any], reading: DocumentReading) -> Paper:
        return Paper(name, truth, lambda: (reading, 0.0))

    return [paper(*one) for one in read_papers(file)]


def share(part: float, whole: int) -> float:
    """A part of the whole; not a number where there was nothing to count."""
    return part / whole if whole else math.nan


def report(tallies: dict[str, Tally]) -> None:
    print(
        f"{'':8}{'docs':>5}{'header':>8}{'cells':>7}{'type':>6}{'right':>7}{'figures':>8}{'through':>8}{'silent':>7}{'exact':>7}{'CPU s':>7}"
    )
    for level, tally in tallies.items():
        n = tally.documents
        print(
            f"{level:8}{n:>5}{f1(tally.header):>8.3f}{f1(tally.cells):>7.3f}{share(tally.typed, n):>6.2f}"
            f"{share(tally.right, n):>7.2f}{share(tally.figures_right, n):>8.2f}{share(tally.through, n):>8.2f}"
            f"{share(tally.silent, n):>7.3f}{share(*tally.strings):>7.3f}{share(tally.cpu_s, tally.pages):>7.2f}"
        )


def forget(share: float, seed: int) -> None:
    """Takes a share of its words from the lexicon, before anything is made of them: as papers of strangers find it."""
    chance = random.Random(seed)
    for table in (lexicon.LABELS, lexicon.COLUMNS, lexicon.TITLES, lexicon.RESULTS):
        for word in [word for word in table if chance.random() < share]:
            del table[word]
    kept = frozenset(word for word in sorted(lexicon.UNITS) if chance.random() >= share)
    setattr(lexicon, "UNITS", kept)  # noqa: B010


def known_from(truths: list[dict[str, Any]]) -> MemoryRegisters:
    """The registers of a shop that buys what these papers are about, from those who wrote them."""
    papers = [truth["fields"] for truth in truths if "fields" in truth]
    items = [item for paper in papers for item in paper.get("items") or [] if item.get("sku")]
    suppliers = dict.fromkeys(tuple(named.values()) for paper in papers if (named := paper.get("supplier")))
    return MemoryRegisters(
        skus=[KnownSku(item["sku"], names=tuple(item["desc"])) for item in items],
        suppliers=[KnownSupplier(f"S{number}", names) for number, names in enumerate(suppliers)],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--pack", type=Path, help="write the papers with their readings to this new file")
    parser.add_argument("--pdf", action="store_true")
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("--show", action="store_true", help="what was wrong, document by document")
    parser.add_argument("--known", action="store_true", help="with SKUs and suppliers in the registers")
    parser.add_argument("--forget", type=float, default=0.0, help="share of the lexicon to do without")
    parser.add_argument("--seed", type=int, default=1, help="which words are forgotten")
    parser.add_argument("--only", default="", help="part of a name")
    chosen = parser.parse_args()
    forget(chosen.forget, chosen.seed)
    tallies = defaultdict[str, Tally](Tally)
    papers = kept(chosen.truth) if chosen.truth.is_file() else pictured(chosen.truth, chosen.keep, pdf=chosen.pdf)
    papers = [
        paper
        for index, paper in enumerate(papers)
        if chosen.half in {None, (index // 6 + index) % 2} and chosen.only in paper.name
    ]
    registers = known_from([paper.truth for paper in papers]) if chosen.known else MemoryRegisters()
    if chosen.pack is not None:
        write_papers(chosen.pack, ((paper.name, paper.truth, paper.read()[0]) for paper in papers))
    for paper in papers:
        truth, (reading, spent) = paper.truth, paper.read()
        before = cpu_s()
        extraction = extract(reading, registers)
        spent += cpu_s() - before
        wrong: list[str] = []
        for level in {truth.get("level", "all"), "all"}:
            tally = tallies[level]
            missing = strings(tally, truth, reading)
            wrong = score(tally, truth, extraction) if "fields" in truth else missing
            tally.pages += len(reading.pages)
            tally.cpu_s += spent
        if chosen.show:
            print(paper.name, *(f"\n    {one}" for one in wrong))
            if not extraction.straight_through:
                print("    review:", " ".join(f"{item.path}:{item.reason.value}" for item in extraction.review[:8]))
    report(dict(sorted(tallies.items(), key=lambda pair: (pair[0] == "all", pair[0]))))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
