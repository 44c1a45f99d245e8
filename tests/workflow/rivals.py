"""Processes that look after the same schedules, for tests that kill some of them."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from threading import Barrier
from uuid import UUID, uuid4

from audit.event import format_time, time_us
from storage import open_storage
from tests.worlds import ROOT_KEY
from workflow.schedules.model import Every, Plan
from workflow.schedules.service import Schedules
from workflow.service import Queue

BEGINS = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)
TIMES = 60
STEP = timedelta(minutes=15)
PLAN = Plan("often", "時常", "Often", Every(STEP), ("document.sweep", "log.verify"))


def begin() -> datetime:
    """When the log begins."""
    return BEGINS


def fresh_id() -> UUID:
    """An event id."""
    return uuid4()


def moment(turn: int) -> str:
    """What was due at this turn."""
    return format_time(time_us(BEGINS + turn * STEP))


def look(database_url: str, keystore_url: str, ready: Barrier) -> None:
    """Looks at the schedules at every turn of a clock; whichever process is first at a turn asks."""
    now = [BEGINS]
    storage = open_storage(database_url, keystore_url, ROOT_KEY, clock=lambda: now[0], entropy=os.urandom)
    schedules = Schedules(storage.database, storage.log, Queue(storage.database))
    ready.wait(60)
    schedules.keep((PLAN,))
    for turn in range(TIMES):
        now[0] = BEGINS + turn * STEP + timedelta(seconds=3)
        schedules.ask_for_due(now[0])
    storage.close()


def wait_for(database_url: str, keystore_url: str, turns: int) -> None:
    """Returns once so many turns were asked for."""
    storage = open_storage(database_url, keystore_url, ROOT_KEY, clock=begin, entropy=os.urandom)
    try:
        ends = time.monotonic() + 60
        while len(Queue(storage.database).page(limit=200)) < turns * len(PLAN.kinds):
            assert time.monotonic() < ends
            time.sleep(0.005)
    finally:
        storage.close()
