"""Which function runs which kind of job."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.wiring import House
    from workflow.worker import Handler


def job_handlers(house: House) -> Mapping[str, Handler]:
    """Every kind of job there is, and what runs it."""
    return {}
