"""What faults expected and found is told in Chinese, too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.fault_values import value_zh

ROOT = Path(__file__).parents[2]


def written_in_faults() -> Iterator[str]:
    """Every text that the verifiers write as what a fault expected or found; what varies stands as 7."""
    for path in (*(ROOT / "audit").glob("*.py"), *(ROOT / "storage").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Fault":
                for argument in node.args[3:]:
                    yield from _texts(argument)


def _texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)) if re.search("[a-z]", text):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in parts)
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*_texts(body), *_texts(orelse))
        case ast.BoolOp(values=values):
            for value in values:
                yield from _texts(value)


def test_there_is_something_to_tell() -> None:
    assert len(set(written_in_faults())) > 20


@pytest.mark.parametrize("text", sorted(set(written_in_faults())))
def test_what_a_fault_writes_is_told_in_chinese(text: str) -> None:
    assert re.search("[\u4e00-\u9fff]", value_zh(text))


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("9 entries", "9 項"),
        ("position 3 after entry 8", "第 8 項之後的次序 3"),
        ("position 3 after 8", "8 之後的次序 3"),
        ("ab" * 32, "ab" * 32),
        ("", ""),
    ],
)
def test_numbers_and_hashes_are_kept(text: str, chinese: str) -> None:
    assert value_zh(text) == chinese
