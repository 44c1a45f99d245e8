"""Papers as they were read once, with their truth, in one file: what rules are tried on where no picture need be read again.

A line of the file (`.jsonl.xz`) is a paper: `name`, `truth` as `benchmarks.ocr` takes it, without its printed strings, and
`reading` in its stored form.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from documents.reading.model import DocumentReading


def write_papers(path: Path, papers: Iterable[tuple[str, dict[str, Any], DocumentReading]]) -> None:
    """Writes papers to a new file."""
    with lzma.open(path, "xt", encoding="utf-8", preset=9) as file:
        for name, truth, reading in papers:
            told = {key: value for key, value in truth.items() if key in {"level", "fields", "columns"}}
            kept = {"name": name, "truth": told, "reading": json.loads(reading.to_json())}
            file.write(json.dumps(kept, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n")


def read_papers(path: Path) -> Iterator[tuple[str, dict[str, Any], DocumentReading]]:
    """The papers of a file: name, truth, reading."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            kept = json.loads(line)
            yield kept["name"], kept["truth"], DocumentReading.from_json(json.dumps(kept["reading"]).encode())
