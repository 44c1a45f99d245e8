"""Fits the table from raw surety to share right: documents/extraction/surety.json.

    python -m benchmarks.calibrate --truth DIR --keep READINGS [--write]

Takes the readings that `benchmarks.ocr --keep` left, extracts each document, and fits an isotonic regression per class of
field, witnessed values apart from the others. To every class go ten imagined values, one of them wrong, at the top of the
scale's lower half, so that few documents never make a class look perfect.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
from sklearn.isotonic import IsotonicRegression

from benchmarks.ocr import CELLS, HEADER, Readings, paired, same
from documents.extraction.extracting import extract
from documents.extraction.found import Found
from documents.extraction.model import Field
from documents.extraction.surety import class_of, is_witnessed

TARGET = Path(__file__).parent.parent / "documents" / "extraction" / "surety.json"
PRIOR = ((0.5, 5, 2), (0.9, 10, 1), (1.0, 40, 0.12))
"""Raw surety, imagined values, and how many of them are wrong."""


def raw_of(field: Field) -> float:
    """The raw surety: the table in force is the identity while fitting."""
    return field.confidence


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    seen: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    readings = Readings(chosen.keep)
    for path in sorted(chosen.truth.glob("*.json")):
        if path.name == "index.json":
            continue
        truth = json.loads(path.read_text())
        extraction = extract(readings.of(chosen.truth / truth["image"])[0])
        fields = truth["fields"]
        pairs = [(name, fields.get(name), extraction.fields.get(name)) for name in HEADER]
        columns = set(truth.get("columns") or CELLS)
        for item, row in paired(fields["items"], extraction.rows):
            pairs += [
                (ours, item.get(name) if item and name in columns else None, row.fields.get(ours) if row else None)
                for name, ours in CELLS.items()
            ]
        for name, wanted, field in pairs:
            if field is not None and name != "currency":
                witnessed = is_witnessed(Found(field.value, field.raw, 1.0, (), field.evidence))
                seen[class_of(name, witnessed=witnessed)].append((raw_of(field), same(name, wanted, field) is True))
    table = {}
    for name, values in sorted(seen.items()):
        x = [value for value, _ in values] + [at for at, _, _ in PRIOR for _ in range(2)]
        y = [float(right) for _, right in values] + [part for _ in PRIOR for part in (1.0, 0.0)]
        weight = [1.0] * len(values) + [part for _, count, wrong in PRIOR for part in (count - wrong, wrong)]
        fitted = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(x, y, sample_weight=weight)
        at = np.unique(np.round(np.concatenate([fitted.X_thresholds_, [0.0, 1.0]]), 4))
        table[name] = {"x": at.tolist(), "y": [round(float(one), 4) for one in fitted.predict(at)]}
        right = sum(right for _, right in values) / len(values)
        print(f"{name:12}{len(values):>6}{right:>8.3f}  at 1.0 -> {table[name]['y'][-1]:.4f}")
    if chosen.write:
        TARGET.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
