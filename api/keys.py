"""API keys of machine clients: issued, listed, revoked. A secret is shown once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from api.bodies import changed_as, created_as
from api.calls import Call
from api.jobs import PLAIN_BODY, PlainRequest
from api.members import Instant, Text, Whole
from api.operations import Documented, Operation, Parameters, Runs, Tag
from api.organisation import record_body
from api.paging import LIMIT_DEFAULT, PAGING, slice_answer
from api.records import ListOf
from api.replies import Answer, json_answer
from api.schemas import page, ref
from api.shapes import Json, change_answer, present, time_json
from policies.codes import Code
from policies.errors import UnknownThing
from policies.model import Action, ApiKey, IssuedKey, Resource
from policies.rules import QUOTA_PER_MONTH_MAX, RATE_PER_MINUTE_DEFAULT, RATE_PER_MINUTE_MAX
from policies.usage import KeyUsage


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to be issued."""

    scopes: tuple[str, ...]
    expires_at: datetime | None = None
    rate_per_minute: int = RATE_PER_MINUTE_DEFAULT
    quota_per_month: int | None = None
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ClientParameters:
    """Whose key."""

    client: str


@dataclass(frozen=True, slots=True)
class KeyParameters:
    """Which key, by its public prefix."""

    key: str


@dataclass(frozen=True, slots=True)
class KeysParameters:
    """A page of keys, maybe of one client."""

    client: str | None = None
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def issue_key(call: Call[ClientParameters, NewKey]) -> Answer:
    """Issue a key; its secret is in this answer and nowhere else."""
    asked = call.body
    change = call.services.policies.issue_key(
        call.principal,
        call.parameters.client,
        scopes=asked.scopes,
        expires_at=asked.expires_at,
        rate_per_minute=asked.rate_per_minute,
        quota_per_month=asked.quota_per_month,
        event_id=asked.event_id or call.new_event_id(),
    )
    return change_answer(call.services.storage.log.commit(change), issued_json)


def list_keys(call: Call[KeysParameters, None]) -> Answer:
    """Return a page of keys."""
    asked = call.parameters
    call.require_reading(Action.KEYS_MANAGE, Resource("api_key"))
    policies = call.services.policies
    directory = policies.fresh_directory()
    keys = [key for _, key in sorted(directory.keys.items()) if asked.client in {None, key.principal}]
    usage = policies.key_usage([key.id for key in keys], call.now)
    listed = ("keys", asked.client)
    return slice_answer(listed, keys, lambda key: key.id, lambda key: key_json(key, usage.get(key.id)), asked)


def get_key(call: Call[KeyParameters, None]) -> Answer:
    """Return one key."""
    call.require_reading(Action.KEYS_MANAGE, Resource("api_key", call.parameters.key))
    policies = call.services.policies
    key = policies.fresh_directory().keys.get(call.parameters.key)
    if key is None:
        raise UnknownThing(Code.API_KEY_UNKNOWN)
    return json_answer(key_json(key, policies.key_usage((key.id,), call.now).get(key.id)))


def revoke_key(call: Call[KeyParameters, PlainRequest]) -> Answer:
    """End a key at once."""
    change = call.services.policies.revoke_key(
        call.principal, call.parameters.key, event_id=call.body.event_id or call.new_event_id()
    )
    return change_answer(call.services.storage.log.commit(change), key_json, status=200)


def key_json(key: ApiKey, usage: KeyUsage | None = None) -> Json:
    """Return a key, without anything that opens it."""
    return {
        "id": key.id,
        "principal": key.principal,
        "scopes": sorted(key.scopes),
        "issued_at": time_json(key.issued_at),
        "expires_at": time_json(key.expires_at),
        "rate_per_minute": key.rate_per_minute,
        **present(
            {
                "revoked_at": None if key.revoked_at is None else time_json(key.revoked_at),
                "quota_per_month": key.quota_per_month,
                "calls_this_month": None if usage is None else usage.calls,
                "last_used_at": None if usage is None or usage.last_used_at is None else time_json(usage.last_used_at),
            }
        ),
    }


def issued_json(issued: IssuedKey) -> Json:
    """Return a new key with its secret."""
    return {"secret": issued.secret, "key": key_json(issued.key)}


_CLIENT: Final = Text(32, form="p_[a-z2-7]{16}", description="Id of the machine client.", example="p_abcdefghijklmnop")
_KEY: Final = Text(8, form="[a-z2-7]{8}", description="The key's public prefix.", example="abcdefgh")
_ONE: Final = Parameters(KeyParameters, {"key": _KEY}, ("key",))

OPERATIONS: Final = (
    Operation(
        method="POST",
        path="/api/v1/api-clients/{client}/keys",
        name="issue_key",
        tag=Tag.KEYS,
        summary="Issue an API key",
        description="The secret is in this answer and nowhere else: a repeated call brings the receipt, not the secret.",
        run=issue_key,
        runs=Runs.IN_THREAD,
        parameters=Parameters(ClientParameters, {"client": _CLIENT}, ("client",)),
        body=record_body(
            "NewKey",
            NewKey,
            {
                "scopes": ListOf(
                    Text(64, description="Name of an action.", example="stock.adjust"), 64, 1, "What it may."
                ),
                "expires_at": Instant("When it ends; by default in a year."),
                "rate_per_minute": Whole(1, RATE_PER_MINUTE_MAX, "Most calls a minute."),
                "quota_per_month": Whole(1, QUOTA_PER_MONTH_MAX, "Most calls a month, Hong Kong time."),
            },
            ("scopes",),
            {"scopes": ["stock.adjust", "stock.read"], "rate_per_minute": 600},
        ),
        answers=created_as("IssuedKey"),
        refusals=(404, 409),
    ),
    Operation(
        method="GET",
        path="/api/v1/keys",
        name="list_keys",
        tag=Tag.KEYS,
        summary="API keys",
        run=list_keys,
        runs=Runs.IN_THREAD,
        parameters=Parameters(KeysParameters, {"client": _CLIENT, **PAGING}),
        answers=(Documented(200, "A page, by prefix; revoked and expired ones too.", page(ref("ApiKey"))),),
    ),
    Operation(
        method="GET",
        path="/api/v1/keys/{key}",
        name="get_key",
        tag=Tag.KEYS,
        summary="One API key",
        run=get_key,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        answers=(Documented(200, "The key.", ref("ApiKey")),),
        refusals=(404,),
    ),
    Operation(
        method="POST",
        path="/api/v1/keys/{key}/revocation",
        name="revoke_key",
        tag=Tag.KEYS,
        summary="Revoke an API key",
        description="At once: no change that is not committed yet goes through with it.",
        run=revoke_key,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=PLAIN_BODY,
        answers=changed_as("ApiKey"),
        refusals=(404, 409),
    ),
)
