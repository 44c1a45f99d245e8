"""What checking raises besides `Refused` (documents.sandbox.errors), which is about a file.

CheckingError
└── InvalidScannerAddress   a setting that names no socket
"""

from __future__ import annotations


class CheckingError(Exception):
    """Base of faults that are not the file's."""


class InvalidScannerAddress(CheckingError):
    """The scanner's address is neither a socket file nor a host with a port."""

    def __init__(self, text: str) -> None:
        super().__init__(f"scanner address: expected a path or host:port, got {text!r}")
