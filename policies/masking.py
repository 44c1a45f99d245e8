"""Masking a text that leaves: identity card numbers are shown as `A123***(*)`.

A number and the word for it stand on one line, so a text is masked line by line: nothing is missed, and no line is too long.
"""

from __future__ import annotations

from typing import Final

from policies.personal_data import PersonalKind, mask

MASKED: Final = (PersonalKind.HKID,)


def masked(text: str) -> str:
    """The text with its identity card numbers masked."""
    return "\n".join(mask(line, MASKED) for line in text.split("\n"))
