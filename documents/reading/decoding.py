"""From the recogniser's probabilities to text: best path, confidence, and words with their places (CTC)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from documents.chinese import is_chinese
from documents.reading.geometry import part, quad_of
from documents.reading.model import Line, Word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from documents.reading.geometry import Corners

BLANK: Final = 0
GAP_CHINESE: Final = 2.1
"""Distance of two characters' centres, in text heights, from which they are two words; beside an ideograph."""
GAP_LATIN: Final = 1.5
"""The same between two characters that are no ideographs."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """One best path. `places` are the characters' centres as shares of the crop's width."""

    text: str
    probabilities: tuple[float, ...]
    places: tuple[float, ...]

    @property
    def confidence(self) -> float:
        """The lowest probability of any character that is not a space; 0 for no text."""
        seen = [p for c, p in zip(self.text, self.probabilities, strict=True) if not c.isspace()]
        return min(seen, default=0.0)

    @property
    def mean(self) -> float:
        """The mean probability, as the engine reports it."""
        return sum(self.probabilities) / len(self.probabilities) if self.probabilities else 0.0


def spell(
    probabilities: NDArray[np.float32],
    dictionary: Sequence[str],
    width_share: float,
    alike: Mapping[int, NDArray[np.intp]],
) -> Spelled:
    """The best path of a (steps, columns) array.

    Args:
        probabilities: per step and dictionary column.
        dictionary: characters by column, blank first.
        width_share: share of the steps that covers the crop; the rest is padding.
        alike: for a column, others whose probability counts for its character: those that say the same.
    """
    best = probabilities.argmax(axis=1)
    keep = best != BLANK
    keep[1:] &= best[1:] != best[:-1]
    steps = np.flatnonzero(keep)
    covered = max(1.0, len(best) * width_share)
    sure = [float(probabilities[step, best[step]]) for step in steps]
    for at, step in enumerate(steps):
        others = alike.get(int(best[step]))
        if others is not None:
            sure[at] = min(1.0, sure[at] + float(probabilities[step, others].sum()))
    return Spelled(
        text="".join(dictionary[best[step]] for step in steps),
        probabilities=tuple(round(one, 4) for one in sure),
        places=tuple(min(1.0, (float(step) + 0.5) / covered) for step in steps),
    )


def _runs(spelled: Spelled, widths_per_height: float) -> list[tuple[int, int]]:
    """Index ranges of words: parted by spaces and by gaps."""
    runs: list[tuple[int, int]] = []
    start: int | None = None
    for index, character in enumerate(spelled.text):
        if character.isspace():
            if start is not None:
                runs.append((start, index))
            start = None
            continue
        if start is not None and index > start:
            distance = (spelled.places[index] - spelled.places[index - 1]) * widths_per_height
            wide = is_chinese(character) or is_chinese(spelled.text[index - 1])
            if distance > (GAP_CHINESE if wide else GAP_LATIN):
                runs.append((start, index))
                start = index
        if start is None:
            start = index
    if start is not None:
        runs.append((start, len(spelled.text)))
    return runs


def _word(spelled: Spelled, run: tuple[int, int], raw: str, corners: Corners, height_share: float) -> Word:
    start, stop = run
    text = spelled.text[start:stop]
    half = (0.5 if is_chinese(text[0]) else 0.3) * height_share
    half_after = (0.5 if is_chinese(text[-1]) else 0.3) * height_share
    left = max(0.0, spelled.places[start] - half)
    right = min(1.0, max(left + 0.3 * height_share, spelled.places[stop - 1] + half_after))
    return Word(
        text=text,
        raw=raw,
        quad=quad_of(part(corners, left, right)),
        confidence=min(spelled.probabilities[start:stop]),
        probabilities=spelled.probabilities[start:stop],
    )


def line_of(spelled: Spelled, raw: Spelled, corners: Corners, width: float, height: float) -> Line:
    """The stored line of a crop of `width` x `height` pixels at `corners`."""
    widths_per_height = width / max(1.0, height)
    runs = _runs(spelled, widths_per_height)
    same_length = len(raw.text) == len(spelled.text)
    words = tuple(
        _word(
            spelled, run, raw.text[slice(*run)] if same_length else spelled.text[slice(*run)], corners, height / width
        )
        for run in runs
    )
    text = spelled.text
    for (_, stop), (start, _) in reversed(list(pairwise(runs))):
        if stop == start:  # a wide gap that the recogniser did not spell as a space
            text = f"{text[:stop]} {text[stop:]}"
    return Line(
        text=text.strip(),
        raw=raw.text,
        quad=quad_of(corners),
        confidence=spelled.confidence,
        words=words,
    )
