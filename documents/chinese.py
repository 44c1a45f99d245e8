"""What counts as a Chinese character."""

from __future__ import annotations


def is_chinese(character: str) -> bool:
    """Whether a character is a Chinese ideograph."""
    return "\u3400" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff" or character >= "\U00020000"
