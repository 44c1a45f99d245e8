"""The object store: is everything as it must be?"""

from __future__ import annotations

import rich_click as click

from app.commands.base import Run, command, group
from app.commands.output import table
from app.exits import ExitCode
from app.objects import ensure_buckets


@group("objects", "The object store in which sealed documents lie.")
def objects_group() -> None:
    """Groups the commands of the object store."""


@objects_group.command("check", help="Compare the store with what it must be: buckets, versions, locks, region.")
@click.option("--create", is_flag=True, help="Make buckets that are missing, with versions and locks.")
@command
def check(run: Run, *, create: bool) -> ExitCode:
    """Checks the object store."""
    with run.house() as house:
        if create:
            ensure_buckets(house.vault.store)
        health = house.vault.store.check()
    document = {
        "endpoint": health.endpoint,
        "region": health.region,
        "good": health.is_good,
        "buckets": [
            {
                "bucket": found.bucket.value,
                "name": found.name,
                "exists": found.exists,
                "versioned": found.versioned,
                "lockable": found.lockable,
                "region": found.region,
                "fault": found.fault or None,
            }
            for found in health.buckets
        ],
    }
    rows = [
        (
            found.name,
            found.region,
            "yes" if found.versioned else "no",
            "yes" if found.lockable else "no",
            found.fault or "ok",
        )
        for found in health.buckets
    ]
    shown = table(("bucket", "region", "versions", "lock", "state"), rows)
    run.out.answer(document, [f"{health.endpoint}, region {health.region}", shown])
    return ExitCode.OK if health.is_good else ExitCode.FAULTS
