"""What the cases room refuses, as exceptions that can be shown in two languages.

    CaseError              code, path and values; `sentence` renders it
    ├── InvalidCase        what was sent is wrong whatever the state of things     (400, 422)
    ├── UnknownCase        a case, item, breach, notice or document that is not    (404, 422)
    └── CaseConflict       well formed, but not as things stand                    (409)

The shape of requests is checked with the parsers of the stock room, which raise its `InvalidRequest`. Values hold codes,
bounds and counts, never a name or free text.
"""

from __future__ import annotations

from cases.sentences import SENTENCES, Code
from policies.refusals import Refusal

__all__ = ["CaseConflict", "CaseError", "Code", "InvalidCase", "UnknownCase"]


class CaseError(Refusal[Code]):
    """Base of everything this room refuses."""

    sentences = SENTENCES


class InvalidCase(CaseError):
    """What was sent is wrong, whatever the state of things."""


class UnknownCase(CaseError):
    """The request names something that does not exist."""


class CaseConflict(CaseError):
    """The request is well formed, but not possible as things stand."""
