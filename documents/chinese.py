"""What counts as a Chinese character."""

from __future__ import annotations

import re
from typing import Final

IDEOGRAPH: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0010ffff]")


def is_chinese(character: str) -> bool:
    """Whether a character is a Chinese ideograph."""
    return IDEOGRAPH.match(character) is not None
