"""Logs of the process: one JSON object a line on standard error, without personal data.

- What is written: time, level, logger, a fixed sentence, and named members: codes, counts, durations, pseudonymous ids.
- What is never written: bodies, query strings, addresses of clients, names, the message of a foreign error.
- `console` writes the same for people.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

QUIET_LOGGERS: Final = ("uvicorn.access", "alembic", "sqlalchemy", "asyncio", "PIL")

_FOREIGN: Final = frozenset({"color_message", "taskName"})


def set_up_logging(level: str, form: str) -> None:
    """Sends every log of this process to standard error in one form; safe to call again."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _drop_foreign_members,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(sort_keys=True)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *([structlog.processors.format_exc_info] if form == "json" else []),
            structlog.processors.EventRenamer("message") if form == "json" else _same,
            renderer,
        ],
    )
    handler = _StandardError()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for known in [known for known in root.handlers if isinstance(known, _StandardError)]:
        root.removeHandler(known)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


class _StandardError(logging.Handler):
    """Writes to what standard error is at the moment; a broken pipe there ends nothing."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one line."""
        try:
            sys.stderr.write(f"{self.format(record)}\n")
        except OSError:
            return


def _drop_foreign_members(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    for member in _FOREIGN:
        event.pop(member, None)
    return event


def _same(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    return event
