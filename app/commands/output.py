"""How commands answer: one JSON document with `--json`, text for people otherwise; progress only where somebody looks.

- Standard output holds the answer and nothing else; progress, notes and errors go to standard error.
- A bar is drawn only if standard error is a terminal and `--quiet` was not said.
- Columns are aligned by what they take on a screen: a Chinese character takes two cells.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import orjson
import rich_click as click
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.masking import masked_body
from app.exits import Ending
from app.usage import is_chinese
from audit.words import Words
from policies.masking import masked


class Language(StrEnum):
    """In which language texts from the catalogues are told."""

    EN = "en"
    ZH = "zh-Hant-HK"


class Step(Protocol):
    """Tells how far a long command is."""

    def __call__(self, done: int, total: int | None = None) -> None:
        """`done` units are done; `total` changes the total if given."""


@dataclass(frozen=True, slots=True)
class Output:
    """Where and how a command answers."""

    as_json: bool
    quiet: bool
    language: Language

    def answer(self, document: Mapping[str, Any], text: str | Sequence[str]) -> None:
        """The command's answer: `document` as JSON, or `text`; identity card numbers are masked in both."""
        if self.as_json:
            click.echo(masked_body(dumps(document).encode(), "application/json").decode())
        else:
            click.echo(masked(text if isinstance(text, str) else "\n".join(text)))

    def told(self, words: Words) -> str:
        """A text in the language of the answer."""
        return words.zh if self.language is Language.ZH else words.en

    def note(self, text: str) -> None:
        """A remark on the way, for people only."""
        if not self.as_json and not self.quiet:
            click.echo(text, err=True)

    def fail(self, ending: Ending) -> None:
        """Why the command ends, on standard error."""
        if self.as_json:
            error = {
                "code": ending.code,
                "exit_code": int(ending.exit_code),
                "message": ending.en,
                "message_zh": ending.zh,
            }
            click.echo(dumps({"error": error}), err=True)
            return
        text = ending.zh if self.language is Language.ZH else ending.en
        click.echo(f"chopbook: {text}", err=True)

    @contextmanager
    def progress(self, what: str, total: int | None = None) -> Iterator[Step]:
        """A bar on standard error while the block runs."""
        if self.quiet or self.as_json or not sys.stderr.isatty():
            yield _no_step
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=total)

            def step(done: int, total: int | None = None) -> None:
                bar.update(task, completed=done, total=total)

            yield step


def language_of(chosen: str | None) -> Language:
    """The language that was chosen, or else that of the terminal."""
    return Language.ZH if is_chinese(chosen) else Language.EN


def dumps(document: object) -> str:
    """One line of JSON."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns of text under their headers; numbers stand to the right."""
    texts = [[_text(value) for value in row] for row in rows]
    widths = [max([cell_len(header), *(cell_len(row[n]) for row in texts)]) for n, header in enumerate(headers)]
    right = [bool(rows) and all(isinstance(row[n], int) for row in rows) for n in range(len(headers))]
    lines = [_line(headers, widths, right), _line(["-" * width for width in widths], widths, right)]
    lines += [_line(row, widths, right) for row in texts]
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = []
    for cell, width, to_the_right in zip(cells, widths, right, strict=True):
        space = " " * (width - cell_len(cell))
        padded.append(space + cell if to_the_right else cell + space)
    return "  ".join(padded).rstrip()


def _text(value: object) -> str:
    if value is None:
        return ""
    return "yes" if value is True else "no" if value is False else str(value)


def _no_step(done: int, total: int | None = None) -> None:
    """Tells nobody."""
