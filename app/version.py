"""Which Chopbook this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def chopbook_version() -> str:
    """The installed version; `0+source` when it runs from a folder that was never installed."""
    try:
        return version("chopbook")
    except PackageNotFoundError:
        return "0+source"
