"""The object store: is everything as it must be?"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from uuid import UUID

import rich_click as click

from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.output import Language, table
from app.exits import ExitCode, Refused
from app.objects import ensure_buckets, object_store
from policies.model import Role
from retention.locks.words import ATTACK_WORDS, STRENGTH_WORDS


@group("objects")
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


@objects_group.command(
    "move",
    help="Copy every object into buckets of another prefix, with its locks, and note where each is now. Stop every other process first.",
)
@click.option("--to-prefix", "prefix", required=True, help="Prefix of the new buckets, such as chopbook-2027-.")
@command
def move(run: Run, prefix: str) -> ExitCode:
    """Moves the objects."""
    if prefix == run.settings.object_store_prefix:
        msg = f"--to-prefix: expected another than {prefix}, got the same"
        raise Refused(msg, f"--to-prefix：須與 {prefix} 不同")
    elsewhere = replace(run.settings, object_store_prefix=prefix)
    with run.house() as house:
        house.vault.store.check()
        with closing(object_store(elsewhere, house.gate, clock=house.clock, entropy=house.entropy)) as target:
            ensure_buckets(target)
            with run.out.progress("moving") as step:
                found = house.documents.move_objects(target, new_event_id=run.new_id, report=step)
    told = f"{found['objects']} objects of {found['documents']} documents moved; now set CHOPBOOK_OBJECT_STORE_PREFIX={prefix}"
    run.out.answer({**found, "prefix": prefix}, told)
    return ExitCode.OK


@objects_group.command(
    "probe", help="Attack canaries of its own to see whether the store's locks hold; records what became of it."
)
@as_option
@command
def probe(run: Run, principal_id: str | None) -> ExitCode:
    """Probes the locks."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        request = house.storage.log.commit(house.locks.request_probe(principal, event_id=run.new_id()))
        # The same job that the request made: should a worker take it too, that is a replay.
        found = house.locks.probe(event_id=UUID(request.result))
        with house.storage.database.read() as connection:
            results = house.locks.probed(connection)
    chinese = run.out.language is Language.ZH
    rows = [
        (
            one.bucket,
            ATTACK_WORDS[one.attack].zh if chinese else ATTACK_WORDS[one.attack].en,
            STRENGTH_WORDS[one.strength].zh if chinese else STRENGTH_WORDS[one.strength].en,
        )
        for one in results
    ]
    document = {"good": found["good"], "results": found["results"], "entry": results[0].entry_index}
    run.out.answer(document, [table(("bucket", "attack", "result"), rows), f"entry {results[0].entry_index}"])
    return ExitCode.OK if found["good"] else ExitCode.FAULTS
