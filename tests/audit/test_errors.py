from __future__ import annotations

import pickle
import re

import pytest

from audit import errors
from audit.errors import AuditError, MalformedEntry

CLASSES = {name: value for name, value in vars(errors).items() if isinstance(value, type) and not name.startswith("_")}


def documented_tree() -> dict[str, str]:
    """Each error in the module's docstring, and the one above it."""
    tree: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for indent, name in re.findall(r"^( *)[*+-] ([A-Za-z]+)", errors.__doc__ or "", re.MULTILINE):
        while above and above[-1][0] >= len(indent):
            above.pop()
        tree[name] = above[-1][1] if above else "Exception"
        above.append((len(indent), name))
    return tree


def test_the_tree_in_the_docstring_is_the_tree_of_classes() -> None:
    actual = {
        name: next(base.__name__ for base in kind.__mro__[1:] if not base.__name__.startswith("_"))
        for name, kind in CLASSES.items()
    }

    assert documented_tree() == actual


@pytest.mark.parametrize("kind", CLASSES.values(), ids=CLASSES.keys())
def test_every_error_is_ours_and_explained(kind: type[Exception]) -> None:
    assert issubclass(kind, AuditError)
    assert kind.__doc__


def test_an_error_with_a_path_survives_being_sent_to_another_process() -> None:
    copy = pickle.loads(pickle.dumps(MalformedEntry("/type", "expected a, got b")))  # noqa: S301

    assert (type(copy), str(copy), copy.path) == (MalformedEntry, "/type: expected a, got b", "/type")
