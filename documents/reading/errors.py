"""What can go wrong when paper is read.

ReadingError
├── ReadingInvalid       bytes that should be a stored reading are not
├── ModelMissing         a model file is absent or not the pinned one; nothing is ever downloaded
├── EngineMissing        a program or language pack that the reader needs is not installed
├── NotAPicture          the file cannot be opened as the kind it is said to be
└── TooLarge             more pixels than the limit
"""

from __future__ import annotations

__all__ = ["EngineMissing", "ModelMissing", "NotAPicture", "ReadingError", "ReadingInvalid", "TooLarge"]


class ReadingError(Exception):
    """Base of everything that reading refuses."""


class ReadingInvalid(ReadingError):
    """Bytes that should be a stored reading are not."""


class ModelMissing(ReadingError):
    """A model file is absent, or not the pinned one."""


class EngineMissing(ReadingError):
    """A program or language pack that the reader needs is not installed."""


class NotAPicture(ReadingError):
    """The file cannot be opened as the kind it is said to be."""


class TooLarge(ReadingError):
    """A picture has more pixels than the limit."""
