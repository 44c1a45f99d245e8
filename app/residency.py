"""The day's check of residency: what the store answers about its buckets, findings, and the public annex from the live configuration."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from app.endpoints import declared, objects_destination
from documents.exported.model import Place
from policies.codes import Code
from policies.residency.model import DestinationKind, Observation, Standing
from policies.residency.rules import PROVIDER_HOST, admitted, is_at
from policies.residency.writes import day_of
from retention.rules import hong_kong_day, in_force
from storage.errors import StorageError
from storage.outbound import PURPOSE_OBJECTS, Destination

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from app.settings import Settings
    from app.wiring import House
    from audit.canonical import JSON
    from documents.model import DocumentClass
    from policies.residency.model import Register, ResidencyFinding
    from policies.service import Policies
    from retention.model import Schedule
    from storage.objects.model import Bucket

EMBEDDED: Final = "embedded"
THIS_MACHINE: Final = "localhost"
AGAIN: Final = timedelta(minutes=10)

_log = logging.getLogger("chopbook.app")


def observe(house: House) -> tuple[Observation, ...]:
    """Where the store says its buckets are, beside what is declared; asks the store.

    Raises:
        StorageError: the store gave no answer, or may not be called.
    """
    settings = house.settings
    health = house.vault.store.check()
    code, declared, attested = EMBEDDED, health.region, False
    if settings.object_store == "s3":
        there = objects_destination(settings)
        attested = there.host.endswith(PROVIDER_HOST)
        for one in house.policies.residency().destinations.values():
            if one.kind is DestinationKind.BUCKET and is_at(one, there.host, there.port):
                code, declared = one.code, one.region or settings.object_store_region
    return tuple(
        Observation(code, found.bucket.value, declared, found.region, attested)
        for found in health.buckets
        if found.exists
    )


def bucket_place(settings: Settings, policies: Policies, clock: Callable[[], datetime], bucket: Bucket) -> Place:
    """Where a bucket is, and the jurisdiction declared for it; none, if nobody declared one that holds today."""
    there = (
        objects_destination(settings)
        if settings.object_store == "s3"
        else Destination(THIS_MACHINE, 0, PURPOSE_OBJECTS)
    )
    listed = declared(settings.outbound_destinations)
    found = admitted(policies.residency(), there, day_of(clock()), listed=listed)
    return Place(
        bucket=f"{settings.object_store_prefix}{bucket.value}",
        endpoint=EMBEDDED if there.host == THIS_MACHINE else str(there),
        jurisdiction=None if isinstance(found, Code) else found,
    )


def check_residency(house: House) -> tuple[ResidencyFinding, ...]:
    """Asks the store, records what was found, and publishes the annex if it says something new.

    Raises:
        StorageError: the store gave no answer, or the log took no change.
    """
    now = house.clock()
    house.storage.log.commit(house.policies.record_check(observe(house), now=now))
    publish_annex(house)
    return house.policies.residency_findings(now)


def publish_annex(house: House) -> int | None:
    """Publishes the annex if the configuration has changed; returns its new number, or None."""
    change = house.policies.publish_annex(annex_content(house))
    return None if change is None else house.storage.log.commit(change).result


def annex_content(house: House) -> dict[str, JSON]:
    """The public annex (DPP5): kinds of records, the retention rules in force today, and who gets what."""
    with house.storage.database.read() as connection:
        classes = house.documents.classes(connection)
        schedules = in_force(house.retention.rulebook(connection).schedules, hong_kong_day(house.clock()))
    retention: list[JSON] = [_retention(one) for one in schedules]
    return {
        "classes": [_class(one) for one in classes if one.active],
        "format": "chopbook-annex/1",
        "retention": retention,
        "transferees": _transferees(house.policies.residency()),
    }


def _class(found: DocumentClass) -> JSON:
    return {"id": found.code, "name_en": found.name_en, "name_zh": found.name_zh, "sensitive": found.sensitive}


def _retention(schedule: Schedule) -> JSON:
    classes: list[JSON] = [*sorted(schedule.record_classes)]
    return {
        "authority_en": schedule.authority.citation.en,
        "authority_zh": schedule.authority.citation.zh,
        "classes": classes,
        "id": schedule.code,
        "maximum": None if schedule.maximum is None else str(schedule.maximum),
        "minimum": None if schedule.minimum is None else str(schedule.minimum),
        "status": schedule.authority.status.value,
        "title_en": schedule.title.en,
        "title_zh": schedule.title.zh,
        "trigger": schedule.trigger.value,
        "verification": schedule.authority.verification.value,
        "verified_on": schedule.authority.verified_on.isoformat(),
        "version": schedule.version,
    }


def _transferees(register: Register) -> list[JSON]:
    return [
        {
            "id": one.code,
            "jurisdiction": one.jurisdiction,
            "kind": one.kind.value,
            "purpose_en": one.purpose_en,
            "purpose_zh": one.purpose_zh,
        }
        for one in sorted(register.destinations.values(), key=lambda one: one.code)
        if one.status is Standing.ACTIVE
    ]


class ResidencyKeeper:
    """Checks at the start of a process and once a day of Hong Kong's calendar; the others' checks of the same outcome replay."""

    def __init__(self, house: House) -> None:
        self._house: Final = house
        self._checked: date | None = None
        self._not_before: datetime | None = None

    def keep(self) -> None:
        """Checks if it is due; a store that is away is asked again some minutes later."""
        now = self._house.clock()
        if self._checked == day_of(now) or (self._not_before is not None and now < self._not_before):
            return
        self._not_before = now + AGAIN
        try:
            found = check_residency(self._house)
        except StorageError as error:
            _log.warning("residency not checked", extra={"error": type(error).__name__})
            return
        self._checked = day_of(now)
        for one in found:
            _log.warning("residency finding", extra={"code": one.code, "about": one.about})
