"""The front door of notices.

    log.commit(notices.set_channel(principal, parse_channel(content, code="kln-group")))
    log.commit(notices.set_rule(principal, parse_rule(content, code="kln-stock")))
    notices.follow()            # what was committed since goes into the outbox
    notices.send_due()          # what may be sent now is sent

- Setting up is a change like any other: decided, logged, idempotent by event id. Secrets are sealed under a key of the key
  store; the entry holds the destination's host, and no address of a person.
- `follow` and `send_due` may run in any number of threads and processes; they share the work and double nothing.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from audit.event import Event, Subject
from audit.words import Words
from policies.model import Action, Resource
from storage.transaction import Change
from workflow.notices import store
from workflow.notices.channels.dingtalk import DingTalkRobot
from workflow.notices.channels.mail import MailServer
from workflow.notices.channels.webhook import Webhook
from workflow.notices.errors import InvalidNotice, NoticeError, UnknownNotice
from workflow.notices.following import standing_rules
from workflow.notices.model import (
    CHANNEL_SET,
    RULE_SET,
    SUBJECT_CHANNEL,
    SUBJECT_RULE,
    CardStyle,
    Channel,
    ChannelKind,
    DingTalkTarget,
    MailTarget,
    MailTls,
    Message,
    MessageState,
    MonthlyUse,
    Rule,
    Target,
    Waiting,
    WebhookTarget,
)
from workflow.notices.outbox import store as outbox
from workflow.notices.rules import tells_person, wants
from workflow.notices.sending import Sending

if TYPE_CHECKING:
    from audit.canonical import JSON
    from policies.model import Decision, Principal
    from policies.service import Policies
    from storage.keystore import KeyStore
    from storage.transaction import Transaction
    from workflow.notices.channels.port import Deliverer
    from workflow.notices.means import Means
    from workflow.notices.parsing import ChannelRequest, RuleRequest

KEY_KIND: Final = "secret"
KEY_ID: Final = "notice-channels"
NONCE_BYTES: Final = 12
PAGE_MAX: Final = 1_000


class Notices(Sending):
    """Channels, rules, and what they have told; safe to share between threads."""

    def __init__(self, means: Means, policies: Policies, keys: KeyStore) -> None:
        super().__init__(means)
        self._policies: Final = policies
        self._keys: Final = keys

    # ----------------------------------------------------------------------------- setting up

    def set_channel(self, principal: Principal, request: ChannelRequest) -> Change[Channel]:
        """Makes a channel, or changes it; without a target, what was sealed stays.

        Raises:
            Denied. The change: Denied, InvalidNotice if a new channel has no target or an old one would become another kind.
        """
        decision = self._policies.require(principal, Action.NOTICES_WRITE, Resource("notice_channel", request.code))
        content: dict[str, JSON] = {
            "code": request.code,
            "kind": request.kind.value,
            "active": request.active,
            "calls_per_month": request.calls_per_month,
        }
        target = None if request.target is None else _clear(request.target)
        asked = {**content, "target": None if target is None else target.decode()}
        digest = self._means.log.request_digest({"action": decision.action.value, **asked})
        sealed = None if target is None else self._seal(request.code, target)
        destination = None if request.target is None else str(self._deliverer(request.target).destination)

        def run(tx: Transaction) -> Channel:
            tx.refuse_known(decision.principal.id, request.event_id, digest)
            before = tx.get(store.CHANNEL_ROWS, (request.code,))
            if before is None and sealed is None:
                raise InvalidNotice(
                    ("target",), Words("新渠道必須有值，但沒有", "expected a value for a new channel, got none")
                )
            if before is not None and before[0] != request.kind.value:
                raise InvalidNotice(
                    ("kind",),
                    Words(
                        f"必須是建立時的 {before[0]}，現為 {request.kind}",
                        f"expected {before[0]} as it was made, got {request.kind}",
                    ),
                )
            where = destination or (before[1] if before is not None else "")
            kept = sealed or (before[4] if before is not None else b"")
            data: dict[str, JSON] = {
                **{name: value for name, value in content.items() if value is not None and name != "code"},
                "channel": request.code,
                "destination": where,
                "target_changed": sealed is not None,
            }
            entry = tx.append(
                self._event(CHANNEL_SET, SUBJECT_CHANNEL, request.code, data, decision, tx, request.event_id, digest)
            )
            row = (request.kind.value, where, request.active, request.calls_per_month, kept)
            tx.put(entry, store.CHANNEL_ROWS, (request.code,), row)
            return store.channel_of(request.code, row, entry.index)

        return Change(run, event_ids=((decision.principal.id, request.event_id),))

    def set_rule(self, principal: Principal, request: RuleRequest) -> Change[Rule]:
        """Makes a rule, or changes it. It applies to entries after the one that first made it.

        Raises:
            Denied. The change: Denied, UnknownNotice if there is no such channel.
        """
        decision = self._policies.require(principal, Action.NOTICES_WRITE, Resource("notice_rule", request.code))
        content: dict[str, JSON] = {
            "channel": request.channel,
            "events": list(request.events),
            "stores": None if request.stores is None else sorted(request.stores),
            "classes": None if request.classes is None else sorted(request.classes),
            "told": None if request.told is None else sorted(request.told),
            "active": request.active,
        }
        asked = {"action": decision.action.value, "code": request.code, **content}
        digest = self._means.log.request_digest(asked)

        def run(tx: Transaction) -> Rule:
            tx.refuse_known(decision.principal.id, request.event_id, digest)
            if tx.get(store.CHANNEL_ROWS, (request.channel,)) is None:
                raise UnknownNotice("channel", request.channel)
            before = tx.get(store.RULE_ROWS, (request.code,))
            data: dict[str, JSON] = {"rule": request.code}
            data |= {name: value for name, value in content.items() if value is not None}
            entry = tx.append(
                self._event(RULE_SET, SUBJECT_RULE, request.code, data, decision, tx, request.event_id, digest)
            )
            rule = Rule(
                request.code,
                request.channel,
                request.events,
                request.stores,
                request.classes,
                request.told,
                request.active,
                entry.index if before is None else store.rule_of(request.code, before).created_index,
            )
            tx.put(entry, store.RULE_ROWS, (request.code,), store.rule_row(rule))
            return rule

        return Change(run, event_ids=((decision.principal.id, request.event_id),))

    def _event(
        self,
        kind: str,
        subject: str,
        code: str,
        data: dict[str, JSON],
        decision: Decision,
        tx: Transaction,
        event_id: Any,
        digest: bytes,
    ) -> Event:
        return Event(
            type=kind,
            subjects=(Subject(subject, code),),
            data=data,
            actor=decision.principal.actor,
            event_id=event_id,
            request=digest,
            decision=self._policies.confirm(tx, decision),
        )

    # ----------------------------------------------------------------------------- reading

    def channels(self, principal: Principal) -> list[Channel]:
        """Every channel by code, without secrets.

        Raises:
            Denied.
        """
        self._require_reading(principal)
        with self._means.database.read() as connection:
            return [channel for channel, _ in store.read_channels(connection)]

    def rules(self, principal: Principal) -> list[Rule]:
        """Every rule by code.

        Raises:
            Denied.
        """
        self._require_reading(principal)
        with self._means.database.read() as connection:
            return store.read_rules(connection)

    def channels_telling(self, event_type: str, person: str) -> list[str]:
        """Codes of the active channels that tell a person when an entry of a type names them as the one to be told.

        Those of their own, and the one that tells of broken glass without a rule.
        """
        with self._means.database.read() as connection:
            active = {channel.code for channel, _ in store.read_channels(connection) if channel.active}
            rules = store.read_rules(connection)
            standing = standing_rules(connection, self._means.glass_channel)
        telling = {rule.channel for rule in rules if rule.active and tells_person(rule, event_type, person)}
        telling |= {rule.channel for rule in standing if wants(rule.events, event_type)}
        return sorted(telling & active)

    def messages(
        self,
        principal: Principal,
        *,
        channel: str | None = None,
        state: MessageState | None = None,
        before: tuple[int, str] | None = None,
        limit: int = 100,
    ) -> list[Message]:
        """Deliveries, the newest first, behind (start in microseconds, id).

        Raises:
            Denied.
        """
        self._require_reading(principal)
        with self._means.database.read() as connection:
            return outbox.read_messages(
                connection, channel=channel, state=state, before=before, limit=max(1, min(limit, PAGE_MAX))
            )

    def waiting(self, principal: Principal) -> list[Waiting]:
        """How many notices wait, by channel.

        Raises:
            Denied.
        """
        self._require_reading(principal)
        with self._means.database.read() as connection:
            return outbox.read_waiting(connection)

    def ledger(self, principal: Principal, month: str) -> list[MonthlyUse]:
        """What channels used in a month (`2026-11`, Hong Kong's).

        Raises:
            Denied.
        """
        self._require_reading(principal)
        with self._means.database.read() as connection:
            return outbox.read_ledger(connection, month)

    def _require_reading(self, principal: Principal) -> None:
        self._policies.require(principal, Action.NOTICES_READ, Resource("notice"))

    # ----------------------------------------------------------------------------- secrets

    def _open(self, channel: Channel, sealed: bytes) -> Deliverer:
        """What delivers to a channel."""
        return self._deliverer(_target(channel.kind, self._unseal(channel.code, sealed)))

    def _deliverer(self, target: Target) -> Deliverer:
        match target:
            case DingTalkTarget():
                return DingTalkRobot(target, timeout_s=self._means.timeout_s)
            case WebhookTarget():
                return Webhook(target, timeout_s=self._means.timeout_s)
            case MailTarget():
                return MailServer(target, timeout_s=self._means.timeout_s, trust=self._means.mail_trust)

    def _seal(self, code: str, clear: bytes) -> bytes:
        nonce = self._means.entropy(NONCE_BYTES)
        return nonce + AESGCM(self._keys.get_or_make(KEY_KIND, KEY_ID)).encrypt(nonce, clear, _associated(code))

    def _unseal(self, code: str, sealed: bytes) -> bytes:
        key = self._keys.get_or_make(KEY_KIND, KEY_ID)
        try:
            return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _associated(code))
        except InvalidTag as error:
            msg = f"channel {code}: expected what was sealed for it, got something altered"
            raise NoticeError(msg) from error


def _associated(code: str) -> bytes:
    return f"chopbook-notice-channel/1\n{code}".encode()


def _clear(target: Target) -> bytes:
    """A target as it is sealed."""
    members = asdict(target)
    if isinstance(target, WebhookTarget):
        members["secret"] = b64encode(target.secret).decode()
    return json.dumps(members, sort_keys=True).encode()


def _target(kind: ChannelKind, clear: bytes) -> Target:
    members = json.loads(clear)
    match kind:
        case ChannelKind.DINGTALK:
            return DingTalkTarget(**{**members, "style": CardStyle(members["style"])})
        case ChannelKind.WEBHOOK:
            return WebhookTarget(members["url"], b64decode(members["secret"]))
        case ChannelKind.MAIL:
            lists = {"tls": MailTls(members["tls"]), "recipients": tuple(members["recipients"])}
            return MailTarget(**{**members, **lists})
