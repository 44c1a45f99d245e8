"""Puts the sample into a log, step by step; what is there already stays, so it can be run again at any time."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID

from app.demo.movements import DAYS, movements
from app.demo.papers import SUPPLIER, sample_papers
from app.demo.sample import (
    AREAS,
    CLIENT_LABEL,
    PEOPLE,
    SKUS,
    STORES,
    SamplePerson,
    gtin_of,
)
from app.document_trees import take_in
from documents.errors import DocumentConflict
from documents.requests import SupplierRequest
from policies.grants.model import ENGAGEMENT_MAX, GrantState
from policies.model import Principal, PrincipalKind, Role, ScopeKind
from policies.rules import scopes_of
from retention.rules import HONG_KONG
from stock.parsing import parse_sku
from stock.store import read_sku

if TYPE_CHECKING:
    from app.wiring import House
    from storage import Change

T = TypeVar("T")

BATCH_ROWS: Final = 500


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the demonstration tells."""

    people: dict[Role, str]
    key: str
    entries: int
    movements: int
    is_new: bool


def load_sample(house: House, key_file: Path) -> Loaded:
    """Loads what is missing of the sample; the API key's secret is kept in `key_file`, readable by its owner only."""
    before = house.storage.log.head().size
    operator = house.policies.local_principal(Role.OPERATOR)
    _load_organisation(house, operator)
    people = _load_people(house, operator)
    key = _load_key(house, operator, key_file)
    movements = 0
    if _load_catalogue(house, operator):
        movements = _load_movements(house)
    entries = house.storage.log.head().size
    return Loaded(people, key, entries, movements, entries > before)


def _load_organisation(house: House, operator: Principal) -> None:
    directory = house.policies.fresh_directory()
    for code, name_zh, name_en in AREAS:
        if code not in directory.areas:
            _do(
                house,
                house.policies.create_area(operator, code=code, name_zh=name_zh, name_en=name_en, event_id=_id(house)),
            )
    for store in STORES:
        if store.code not in directory.stores:
            change = house.policies.create_store(
                operator,
                code=store.code,
                area=store.area,
                name_zh=store.name_zh,
                name_en=store.name_en,
                negative_stock=store.negative_stock,
                event_id=_id(house),
            )
            _do(house, change)


def _load_people(house: House, operator: Principal) -> dict[Role, str]:
    directory = house.policies.fresh_directory()
    records = [record for record in directory.records.values() if record.kind is PrincipalKind.PERSON]
    names = house.policies.display_names(record.id for record in records)
    found = {record.role: record.id for record in records if names.get(record.id) in {one.name for one in PEOPLE}}
    for person in PEOPLE:
        if person.role not in found:
            found[person.role] = _add_person(house, operator, person)
    _engage(house, found[Role.AUDITOR])
    return found


def _engage(house: House, auditor: str) -> None:
    """Gives the sample's auditor an engagement for everything, unless one runs."""
    now = house.clock()
    grants = house.policies.fresh_directory().grants.get(auditor, ())
    if not any(grant.state_at(now) is GrantState.RUNNING for grant in grants):
        officer = house.policies.local_principal(Role.COMPLIANCE_OFFICER)
        ends_at = now + ENGAGEMENT_MAX
        change = house.policies.engage(
            officer, auditor, starts_at=now, ends_at=ends_at, nda_on_file=True, event_id=_id(house)
        )
        _do(house, change)


def _add_person(house: House, operator: Principal, person: SamplePerson) -> str:
    change = house.policies.create_person(operator, role=person.role, display_name=person.name, event_id=_id(house))
    record = _do(house, change)
    if person.scope is not None:
        _do(house, house.policies.assign(operator, record.id, person.scope, person.target, event_id=_id(house)))
    return record.id


def _load_key(house: House, operator: Principal, key_file: Path) -> str:
    directory = house.policies.fresh_directory()
    if key_file.is_file():
        secret = key_file.read_text("ascii").strip()
        known = directory.keys.get(secret[3:11])
        if known is not None and known.revoked_at is None and house.clock() < known.expires_at:
            return secret
    clients = [record.id for record in directory.records.values() if record.label == CLIENT_LABEL]
    if clients:
        client = clients[0]
    else:
        client = _do(house, house.policies.create_api_client(operator, label=CLIENT_LABEL, event_id=_id(house))).id
        _do(house, house.policies.assign(operator, client, ScopeKind.ALL, event_id=_id(house)))
    change = house.policies.issue_key(
        operator, client, scopes=sorted(scopes_of(Role.API_CLIENT)), rate_per_minute=100_000, event_id=_id(house)
    )
    secret = _do(house, change).secret
    key_file.unlink(missing_ok=True)
    with os.fdopen(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
        stream.write(f"{secret}\n")
    return secret


def _load_catalogue(house: House, operator: Principal) -> bool:
    """Adds what is missing; returns whether the catalogue was empty of the sample before."""
    with house.storage.database.read() as connection:
        known = {sku.code for sku in SKUS if read_sku(connection, sku.code) is not None}
    for position, sku in enumerate(SKUS, start=1):
        if sku.code not in known:
            content = {
                "code": sku.code,
                "name_zh": sku.name_zh,
                "name_en": sku.name_en,
                "unit": sku.unit.value,
                "scale": sku.scale,
                "lot_tracking": sku.lot_tracking.value,
                "gtin": gtin_of(position),
            }
            _do(house, house.stock.create_sku(operator, parse_sku(content, event_id=_id(house))))
    return not known


def _load_movements(house: House) -> int:
    """Opening stock two weeks ago, then each day's movements."""
    begin = house.clock().replace(second=0, microsecond=0) - timedelta(days=DAYS)
    principal = house.policies.local_principal(Role.API_CLIENT)
    requests = list(movements(begin))
    for start in range(0, len(requests), BATCH_ROWS):
        batch = requests[start : start + BATCH_ROWS]
        _do(house, house.stock.adjust_many(principal, batch, all_or_nothing=True, now=house.clock()))
    return len(requests)


def load_papers(house: House, ended: Callable[[], bool] = lambda: False) -> int:
    """Takes in the papers of the sample that are missing, as the store's manager would; returns how many.

    Takes some seconds, most of them for the object store and the checks to start. Stops between two papers once `ended` says so.

    Raises:
        FontMissing: there is no font to draw them with.
        PartsAway, StorageError: not now; the next start goes on.
    """
    code, name_zh, name_en = SUPPLIER
    operator = house.policies.local_principal(Role.OPERATOR)
    try:
        _do(house, house.documents.create_supplier(operator, SupplierRequest(_id(house), code, name_zh, name_en)))
    except DocumentConflict:
        # It is there from an earlier run.
        pass
    principal = house.policies.local_person(_load_people(house, operator)[Role.STORE_MANAGER])
    taken = 0
    for paper in sample_papers(house.clock().astimezone(HONG_KONG).date()):
        if ended() or house.documents.is_known(principal, paper.event_id):
            continue
        file = io.BytesIO(paper.content)
        take_in(house, principal, paper.file_name, len(paper.content), file, paper.filing, paper.event_id)
        taken += 1
    return taken


def _do(house: House, change: Change[T]) -> T:
    result = house.storage.log.commit(change).result
    if result is None:
        msg = "sample: expected a change of its own, got a replay"
        raise RuntimeError(msg)
    return result


def _id(house: House) -> UUID:
    return UUID(bytes=house.entropy(16), version=4)
