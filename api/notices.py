"""Notices: where things are told, what is told there, and what became of it."""

from dataclasses import dataclass
from typing import Any, Final

from api.bodies import json_body
from api.calls import Call
from api.cursors import read_cursor, write_cursor
from api.jobs import EVENT_ID
from api.members import Choice, Schema, Text
from api.operations import LOCATION, Documented, Operation, Parameters, Runs, Tag
from api.paging import LIMIT_DEFAULT, PAGING
from api.problem_codes import Code
from api.problems import Fault, Invalid
from api.replies import Answer, json_answer
from api.schemas import BOOLEAN, COUNT, TEXT, TIME, change_of, choice, listed, page, record
from api.shapes import Json, change_answer, present, time_json
from audit.event import time_us
from policies.model import Action, Resource
from policies.quota import month_of
from workflow.notices.model import CardStyle, Channel, ChannelKind, MailTls, Message, MessageKind, MessageState, Rule
from workflow.notices.parsing import parse_channel, parse_rule

_NOTICES: Final = Resource("notice")


def list_channels(call: Call[None, None]) -> Answer:
    """Return every channel, without secrets."""
    call.require_reading(Action.NOTICES_READ, _NOTICES)
    found = call.services.notices.channels(call.principal)
    return json_answer({"items": [channel_json(channel) for channel in found]})


@dataclass(frozen=True, slots=True)
class ChannelParameters:
    """Which channel."""

    channel: str


def put_channel(call: Call[ChannelParameters, Any]) -> Answer:
    """Make a channel, or change it."""
    request = parse_channel(call.body, code=call.parameters.channel, event_id=call.event_id(call.body))
    committed = call.services.storage.log.commit(call.services.notices.set_channel(call.principal, request))
    return change_answer(committed, channel_json, status=200)


def list_rules(call: Call[None, None]) -> Answer:
    """Return every rule."""
    call.require_reading(Action.NOTICES_READ, _NOTICES)
    found = call.services.notices.rules(call.principal)
    return json_answer({"items": [rule_json(rule) for rule in found]})


@dataclass(frozen=True, slots=True)
class RuleParameters:
    """Which rule."""

    rule: str


def put_rule(call: Call[RuleParameters, Any]) -> Answer:
    """Make a rule, or change it."""
    request = parse_rule(call.body, code=call.parameters.rule, event_id=call.event_id(call.body))
    committed = call.services.storage.log.commit(call.services.notices.set_rule(call.principal, request))
    return change_answer(committed, rule_json, status=200)


@dataclass(frozen=True, slots=True)
class MessagesParameters:
    """A page of messages."""

    channel: str | None = None
    state: MessageState | None = None
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def list_messages(call: Call[MessagesParameters, None]) -> Answer:
    """Return a page of messages, the newest first."""
    asked = call.parameters
    call.require_reading(Action.NOTICES_READ, _NOTICES)
    of = ("notice_messages", asked.channel, str(asked.state))
    before = None
    if asked.cursor is not None:
        match read_cursor(of, asked.cursor):
            case [int(started), str(message)]:
                before = started, message
            case _:
                raise Invalid([Fault.of(Code.CURSOR_INVALID)]).of_parameter("cursor")
    found = call.services.notices.messages(
        call.principal, channel=asked.channel, state=asked.state, before=before, limit=asked.limit
    )
    following = None
    if len(found) == asked.limit:
        following = write_cursor(of, [time_us(found[-1].started_at), found[-1].id])
    return json_answer({"items": [message_json(message) for message in found], "next_cursor": following})


def get_notice_state(call: Call[None, None]) -> Answer:
    """Return what waits, and what was used this month."""
    call.require_reading(Action.NOTICES_READ, _NOTICES)
    notices, month = call.services.notices, month_of(call.now)
    return json_answer(
        {
            "month": month,
            "waiting": [{"channel": one.channel, "notices": one.notices} for one in notices.waiting(call.principal)],
            "used": [
                {"channel": one.channel, "calls": one.calls, "sent": one.sent, "failed": one.failed}
                for one in notices.ledger(call.principal, month)
            ],
        }
    )


def channel_json(channel: Channel) -> Json:
    """Return a channel."""
    return {
        "code": channel.code,
        "kind": channel.kind.value,
        "destination": channel.destination,
        "active": channel.active,
        "entry_index": channel.entry_index,
        **present({"calls_per_month": channel.calls_per_month}),
    }


def rule_json(rule: Rule) -> Json:
    """Return a rule."""
    return {
        "code": rule.code,
        "channel": rule.channel,
        "events": list(rule.events),
        "active": rule.active,
        "created_index": rule.created_index,
        **present(
            {
                "stores": None if rule.stores is None else sorted(rule.stores),
                "classes": None if rule.classes is None else sorted(rule.classes),
                "told": None if rule.told is None else sorted(rule.told),
            }
        ),
    }


def message_json(message: Message) -> Json:
    """Return what became of a message."""
    return {
        "id": message.id,
        "channel": message.channel,
        "kind": message.kind.value,
        "state": message.state.value,
        "notices": message.notices,
        "first_index": message.first_index,
        "last_index": message.last_index,
        "attempts": message.attempts,
        "started_at": time_json(message.started_at),
        **present(
            {
                "finished_at": None if message.finished_at is None else time_json(message.finished_at),
                "failure_code": message.failure_code,
            }
        ),
    }


def _text(description: str, most: int = 500) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": most, "description": description}


def _object(members: dict[str, Schema], required: tuple[str, ...]) -> Schema:
    return {"type": "object", "properties": members, "required": list(required), "additionalProperties": False}


_SIGNED_WITH: Final = "`whsec_` and base64 of at least 24 random bytes (Standard Webhooks), as `openssl rand -base64 32` makes; no phrase."
_TARGETS: Final[Schema] = {
    "oneOf": [
        _object(
            {
                "url": _text("Of the robot; with or without its token."),
                "access_token": _text("Of the robot."),
                "secret": _text("Of additional signing."),
                "style": choice(CardStyle),
                "keyword": _text("One of the robot's keywords.", 40),
            },
            ("secret",),
        ),
        _object(
            {"url": _text("https; takes CloudEvents."), "secret": _text(_SIGNED_WITH)},
            ("url", "secret"),
        ),
        _object(
            {
                "host": _text("Of the mail server.", 255),
                "port": {"type": "integer", "minimum": 1, "maximum": 65_535},
                "tls": choice(MailTls),
                "from": _text("Mail address.", 320),
                "to": {"type": "array", "items": _text("Mail address.", 320), "minItems": 1, "maxItems": 50},
                "username": _text("If the server wants one.", 200),
                "password": _text("If the server wants one."),
            },
            ("host", "from", "to"),
        ),
    ],
    "description": "By kind. Needed for a new channel; kept sealed, and never shown again.",
}
_CHANNEL_BODY: Final = _object(
    {
        "kind": choice(ChannelKind),
        "target": _TARGETS,
        "active": {**BOOLEAN, "description": "A channel that is not keeps what it should tell until it is."},
        "calls_per_month": {"type": "integer", "minimum": 1, "maximum": 10**9},
        "event_id": EVENT_ID.schema,
    },
    ("kind",),
)
_CHANNEL_EXAMPLE: Final = {
    "kind": "dingtalk",
    "target": {"access_token": "0123456789abcdef", "secret": "SEC0123456789abcdef"},
}
_CODES: Final[Schema] = {"type": "array", "items": _text("Code.", 32), "minItems": 1, "maxItems": 200}
_RULE_BODY: Final = _object(
    {
        "channel": _text("Code of the channel.", 32),
        "events": {
            "type": "array",
            "items": _text("Type of entry: `stock.adjusted`, or the beginning of some: `stock.*`.", 64),
            "minItems": 1,
            "maxItems": 200,
        },
        "stores": {**_CODES, "description": "Only of these stores."},
        "classes": {**_CODES, "description": "Only documents of these classes."},
        "told": {
            "type": "array",
            "items": {"type": "string", "pattern": "^p_[a-z2-7]{16}$"},
            "minItems": 1,
            "maxItems": 200,
            "description": "Only what names one of these people as the one to be told: for a channel of their own.",
        },
        "active": BOOLEAN,
        "event_id": EVENT_ID.schema,
    },
    ("channel", "events"),
)
_RULE_EXAMPLE: Final = {"channel": "kln-group", "events": ["stock.*", "document.released"], "stores": ["MK01"]}
_CHANNEL: Final = record(
    {
        "code": TEXT,
        "kind": choice(ChannelKind),
        "destination": TEXT,
        "active": BOOLEAN,
        "entry_index": COUNT,
    },
    optional={"calls_per_month": COUNT},
)
_RULE: Final = record(
    {"code": TEXT, "channel": TEXT, "events": listed(TEXT), "active": BOOLEAN, "created_index": COUNT},
    optional={"stores": listed(TEXT), "classes": listed(TEXT), "told": listed(TEXT)},
)
_MESSAGE: Final = record(
    {
        "id": TEXT,
        "channel": TEXT,
        "kind": choice(MessageKind),
        "state": choice(MessageState),
        "notices": COUNT,
        "first_index": COUNT,
        "last_index": COUNT,
        "attempts": COUNT,
        "started_at": TIME,
    },
    optional={"finished_at": TIME, "failure_code": TEXT},
)
_USED: Final = record({"channel": TEXT, "calls": COUNT, "sent": COUNT, "failed": COUNT})
_STATE: Final = record(
    {"month": TEXT, "waiting": listed(record({"channel": TEXT, "notices": COUNT})), "used": listed(_USED)}
)
_CODE: Final = Text(32, form="[A-Za-z0-9][A-Za-z0-9_-]{0,31}", description="Its code.", example="kln-group")


def _set(schema: Schema) -> tuple[Documented, ...]:
    return (Documented(200, "As it is now, or was made before by this event.", change_of(schema), headers=LOCATION),)


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/v1/notices/channels",
        name="list_channels",
        tag=Tag.NOTICES,
        summary="Channels",
        run=list_channels,
        runs=Runs.IN_THREAD,
        answers=(Documented(200, "Every channel, by code.", record({"items": listed(_CHANNEL)})),),
    ),
    Operation(
        method="PUT",
        path="/api/v1/notices/channels/{channel}",
        name="put_channel",
        tag=Tag.NOTICES,
        summary="Make or change a channel",
        description="A group's DingTalk robot, a webhook that takes CloudEvents, or mail. Its kind never changes.",
        run=put_channel,
        runs=Runs.IN_THREAD,
        parameters=Parameters(ChannelParameters, {"channel": _CODE}, ("channel",)),
        body=json_body(_CHANNEL_BODY, _CHANNEL_EXAMPLE),
        answers=_set(_CHANNEL),
        refusals=(409,),
    ),
    Operation(
        method="GET",
        path="/api/v1/notices/rules",
        name="list_rules",
        tag=Tag.NOTICES,
        summary="Rules",
        run=list_rules,
        runs=Runs.IN_THREAD,
        answers=(Documented(200, "Every rule, by code.", record({"items": listed(_RULE)})),),
    ),
    Operation(
        method="PUT",
        path="/api/v1/notices/rules/{rule}",
        name="put_rule",
        tag=Tag.NOTICES,
        summary="Make or change a rule",
        description="A new rule tells of entries after its own.",
        run=put_rule,
        runs=Runs.IN_THREAD,
        parameters=Parameters(RuleParameters, {"rule": _CODE}, ("rule",)),
        body=json_body(_RULE_BODY, _RULE_EXAMPLE),
        answers=_set(_RULE),
        refusals=(404, 409),
    ),
    Operation(
        method="GET",
        path="/api/v1/notices/messages",
        name="list_messages",
        tag=Tag.NOTICES,
        summary="What became of messages",
        description="Of the last 30 days; failures are entries, and stay.",
        run=list_messages,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            MessagesParameters, {"channel": _CODE, "state": Choice(MessageState, "How it stands."), **PAGING}
        ),
        answers=(Documented(200, "A page, the newest first.", page(_MESSAGE)),),
    ),
    Operation(
        method="GET",
        path="/api/v1/notices/state",
        name="get_notice_state",
        tag=Tag.NOTICES,
        summary="What waits, and what was used",
        run=get_notice_state,
        runs=Runs.IN_THREAD,
        answers=(Documented(200, "By channel; the month is Hong Kong's.", _STATE),),
    ),
)
