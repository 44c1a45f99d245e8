"""Fits the table from raw surety to share right: documents/extraction/surety.json.

    python -m benchmarks.papers --out DRAWN --count 96 --seed 1
    python -m benchmarks.ocr --truth DRAWN --keep READINGS
    python -m benchmarks.calibrate --truth DRAWN --keep READINGS [--write]

Takes the readings that `benchmarks.ocr --keep` left, extracts each document, and fits an isotonic regression per class of
field, witnessed values apart from the others. To every class go imagined values (`PRIOR`), so that few documents never make
a class look perfect.

First it tells how the fit does on papers that it did not see: the papers of each supplier are left out in turn, and what the
others' fit says of them is held against what is right. Fit on drawn papers, and score others.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sklearn.isotonic import IsotonicRegression

from benchmarks.ocr import CELLS, HEADER, Readings, paired, same
from documents.extraction import extracting
from documents.extraction.found import Found
from documents.extraction.surety import class_of, is_witnessed

if TYPE_CHECKING:
    from collections.abc import Sequence

TARGET = Path(__file__).parent.parent / "documents" / "extraction" / "surety.json"
PRIOR = ((0.5, 5, 2), (0.9, 10, 1), (1.0, 40, 0.12))
"""Raw surety, imagined values, and how many of them are wrong."""


class Seen(NamedTuple):
    """A value that was read: whose paper, which class, how surely, whether rightly."""

    supplier: str
    kind: str
    raw: float
    right: bool


def seen_in(truth_folder: Path, readings: Readings, paths: Sequence[Path]) -> list[Seen]:
    """All values of some papers, with their raw surety: the table in force is put aside."""
    setattr(extracting, "confidence", lambda _name, found: found.sure)  # noqa: B010
    seen: list[Seen] = []
    for path in paths:
        truth = json.loads(path.read_text())
        extraction = extracting.extract(readings.of(truth_folder / truth["image"])[0])
        fields = truth["fields"]
        pairs = [(name, fields.get(name), extraction.fields.get(name)) for name in HEADER]
        columns = set(truth.get("columns") or CELLS)
        for item, row in paired(fields["items"], extraction.rows):
            pairs += [
                (ours, item.get(name) if item and name in columns else None, row.fields.get(ours) if row else None)
                for name, ours in CELLS.items()
            ]
        supplier = str((fields.get("supplier") or {}).get("zh"))
        for name, wanted, field in pairs:
            if field is not None and name != "currency":
                witnessed = is_witnessed(Found(field.value, field.raw, 1.0, (), field.evidence))
                kind = class_of(name, witnessed=witnessed)
                seen.append(Seen(supplier, kind, field.confidence, same(name, wanted, field) is True))
    return seen


def fitted(values: Sequence[Seen]) -> IsotonicRegression:
    """The fit of one class, imagined values included."""
    x = [one.raw for one in values] + [at for at, _, _ in PRIOR for _ in range(2)]
    y = [float(one.right) for one in values] + [part for _ in PRIOR for part in (1.0, 0.0)]
    weight = [1.0] * len(values) + [part for _, count, wrong in PRIOR for part in (count - wrong, wrong)]
    return IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(x, y, sample_weight=weight)


def check(kind: str, values: Sequence[Seen]) -> None:
    """Prints what the fit says of suppliers that it did not see, beside what is right."""
    told: list[float] = []
    right: list[bool] = []
    for supplier in sorted({one.supplier for one in values}):
        held = [one for one in values if one.supplier == supplier]
        fit = fitted([one for one in values if one.supplier != supplier])
        told += [float(one) for one in fit.predict([one.raw for one in held])]
        right += [one.right for one in held]
    brier = sum((said - was) ** 2 for said, was in zip(told, right, strict=True)) / len(told)
    base = sum(right) / len(right)
    print(f"{kind:12}{len(told):>7}{base:>8.3f}{sum(told) / len(told):>8.3f}{brier:>8.4f}{base * (1 - base):>8.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    paths = [
        path
        for path in sorted(chosen.truth.glob("*.json"))
        if path.name != "index.json" and any(chosen.keep.glob(f"{path.stem}.*.reading.json"))
    ]
    classes: dict[str, list[Seen]] = defaultdict(list)
    for one in seen_in(chosen.truth, Readings(chosen.keep), paths):
        classes[one.kind].append(one)
    print(f"{len(paths)} papers, each supplier left out in turn; Brier score beside that of the share right alone")
    print(f"{'':12}{'values':>7}{'right':>8}{'told':>8}{'Brier':>8}{'alone':>8}")
    table = {}
    for kind, values in sorted(classes.items()):
        check(kind, values)
        fit = fitted(values)
        at = np.unique(np.round(np.concatenate([fit.X_thresholds_, [0.0, 1.0]]), 4))
        table[kind] = {"x": at.tolist(), "y": [round(float(one), 4) for one in fit.predict(at)]}
    if chosen.write:
        TARGET.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
