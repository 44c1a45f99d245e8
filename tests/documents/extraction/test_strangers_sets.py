"""Whole sets of papers drawn by others, as they were read: what the rules make of them may get better, and no worse.

Two papers of the third print expiry dates without a day, of which the truth is a month and our value its last day, in doubt.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.kept_papers import read_papers, write_papers
from benchmarks.ocr import Tally, f1, score
from documents.extraction.extracting import extract

SETS = Path(__file__).parent / "strangers"


@pytest.mark.parametrize(
    ("name", "right", "figures", "through", "header", "cells"),
    [
        ("set_e", 44, 47, 34, 0.999, 0.995),
        ("set_f", 45, 47, 31, 0.999, 0.995),
        ("set_g", 45, 45, 29, 0.999, 0.98),
        ("set_h", 43, 48, 37, 0.999, 0.995),
        ("set_i", 46, 48, 36, 0.999, 0.998),
        ("set_j", 48, 48, 37, 0.999, 0.999),
        ("set_k", 48, 48, 31, 0.999, 0.998),
        ("set_l", 48, 48, 40, 0.999, 0.999),
        ("set_m", 48, 48, 41, 0.999, 0.999),
        ("set_n", 46, 46, 38, 0.999, 0.998),
    ],
)
def test_a_set_that_was_learnt_stays_learnt(
    name: str, right: int, figures: int, through: int, header: float, cells: float
) -> None:
    tally = Tally()
    wrong = {
        paper: said
        for paper, truth, reading in read_papers(SETS / f"{name}.jsonl.xz")
        if (said := score(tally, truth, extract(reading)))
    }

    assert tally.documents == 48
    assert tally.silent == 0, wrong
    assert tally.right >= right, wrong
    assert tally.figures_right >= figures, wrong
    assert tally.through >= through
    assert f1(tally.header) >= header, wrong
    assert f1(tally.cells) >= cells, wrong


def test_papers_are_kept_as_they_were_read(tmp_path: Path) -> None:
    papers = list(read_papers(SETS / "set_e.jsonl.xz"))[:2]

    write_papers(tmp_path / "papers.jsonl.xz", papers)

    assert list(read_papers(tmp_path / "papers.jsonl.xz")) == papers
