"""What callers send to set up channels and rules, checked: unknown members, forms and bounds.

A channel's secrets are part of the request only: they are sealed before they are kept, and never shown again.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from audit.words import Words
from workflow.notices.errors import InvalidNotice
from workflow.notices.model import (
    RECIPIENTS_MAX,
    CardStyle,
    ChannelKind,
    DingTalkTarget,
    MailTarget,
    MailTls,
    Target,
    WebhookTarget,
)

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

DINGTALK_URL: Final = "https://oapi.dingtalk.com/robot/send"
URL_CHARS_MAX: Final = 500
SECRET_CHARS_MAX: Final = 500
SECRET_BYTES_MIN: Final = 24
"""Of a webhook's secret, as Standard Webhooks asks."""
SECRET_MARK: Final = "whsec_"  # noqa: S105  what secrets begin with, and none itself
LIST_MAX: Final = 200
CALLS_MAX: Final = 10**9

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_PERSON: Final = re.compile(r"p_[a-z2-7]{16}")
_EVENT: Final = re.compile(r"[a-z_]+(\.[a-z_]+)*(\.\*)?")
_PLAIN: Final = re.compile(r"[\x21-\x7e]{1,500}")
_MAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Fa-f:.]{2,45}")


@dataclass(frozen=True, slots=True)
class ChannelRequest:
    """A channel to be made, or changed: what is told there from now on. None: the target stays as it is."""

    code: str
    kind: ChannelKind
    target: Target | None
    active: bool
    calls_per_month: int | None
    event_id: UUID


@dataclass(frozen=True, slots=True)
class RuleRequest:
    """A rule to be made, or changed."""

    code: str
    channel: str
    events: tuple[str, ...]
    stores: frozenset[str] | None
    classes: frozenset[str] | None
    told: frozenset[str] | None
    active: bool
    event_id: UUID


class _Members:
    """The members of one object, each taken once."""

    def __init__(self, content: object, path: tuple[str | int, ...] = ()) -> None:
        if not isinstance(content, Mapping):
            raise InvalidNotice(path, Words("必須是一個物件", "expected an object, got another kind of value"))
        self._left = dict(content)
        self._path = path

    def required(self, name: str, parse: Callable[[object], T]) -> T:
        if self._left.get(name) is None:
            raise InvalidNotice((*self._path, name), Words("必須有值，但沒有", "expected a value, got none"))
        return self._parsed(name, parse)

    def optional(self, name: str, parse: Callable[[object], T], default: T) -> T:
        if self._left.get(name) is None:
            self._left.pop(name, None)
            return default
        return self._parsed(name, parse)

    def maybe(self, name: str, parse: Callable[[object], T]) -> T | None:
        if self._left.get(name) is None:
            self._left.pop(name, None)
            return None
        return self._parsed(name, parse)

    def end(self) -> None:
        for name in self._left:
            raise InvalidNotice((*self._path, str(name)[:40]), Words("沒有這個欄位", "expected no such member"))

    def _parsed(self, name: str, parse: Callable[[object], T]) -> T:
        try:
            return parse(self._left.pop(name))
        except InvalidNotice as error:
            raise InvalidNotice((*self._path, name, *error.path), error.reason) from None


def parse_channel(content: object, *, code: str, event_id: UUID | None = None) -> ChannelRequest:
    """A channel from the members `kind`, `target`, `active`, `calls_per_month`, `event_id`.

    Raises:
        InvalidNotice: a member is missing, unknown, or not of its form.
    """
    members = _Members(content)
    kind = members.required("kind", _one_of(ChannelKind))
    parsed = ChannelRequest(
        code=parse_code(code),
        kind=kind,
        target=members.maybe("target", _TARGETS[kind]),
        active=members.optional("active", _boolean, True),
        calls_per_month=members.maybe("calls_per_month", lambda value: _whole(value, 1, CALLS_MAX)),
        event_id=_event_id(members, event_id),
    )
    members.end()
    return parsed


def parse_rule(content: object, *, code: str, event_id: UUID | None = None) -> RuleRequest:
    """A rule from the members `channel`, `events`, `stores`, `classes`, `told`, `active`, `event_id`.

    Raises:
        InvalidNotice: a member is missing, unknown, or not of its form.
    """
    members = _Members(content)
    parsed = RuleRequest(
        code=parse_code(code),
        channel=members.required("channel", _code),
        events=tuple(members.required("events", lambda value: _list(value, _event))),
        stores=members.maybe("stores", lambda value: frozenset(_list(value, _code))),
        classes=members.maybe("classes", lambda value: frozenset(_list(value, _code))),
        told=members.maybe("told", lambda value: frozenset(_list(value, _person))),
        active=members.optional("active", _boolean, True),
        event_id=_event_id(members, event_id),
    )
    members.end()
    return parsed


def parse_code(code: str) -> str:
    """Returns `code` if it can name a channel or rule.

    Raises:
        InvalidNotice: it cannot.
    """
    try:
        return _code(code)
    except InvalidNotice as error:
        raise InvalidNotice(("code",), error.reason) from None


# --- targets -------------------------------------------------------------------------------------------------------------


def _dingtalk(content: object) -> Target:
    members = _Members(content)
    url = members.optional("url", _url, DINGTALK_URL)
    token = members.maybe("access_token", _plain)
    split = urlsplit(url)
    # The address as the group's settings show it carries the token.
    given = parse_qs(split.query).get("access_token", [])
    if token is None and len(given) == 1:
        token = _plain(given[0])
    if token is None:
        raise InvalidNotice(("access_token",), Words("必須有值，但沒有", "expected a value, got none"))
    found = DingTalkTarget(
        url=split._replace(query="", fragment="").geturl(),
        access_token=token,
        secret=members.required("secret", _plain),
        style=members.optional("style", _one_of(CardStyle), CardStyle.CARD),
        keyword=members.optional("keyword", lambda value: _text(value, 40), ""),
    )
    members.end()
    return found


def _webhook(content: object) -> Target:
    members = _Members(content)
    found = WebhookTarget(url=members.required("url", _url), secret=members.required("secret", _webhook_secret))
    members.end()
    return found


def _mail(content: object) -> Target:
    members = _Members(content)
    tls = members.optional("tls", _one_of(MailTls), MailTls.STARTTLS)
    host = members.required("host", _host)
    found = MailTarget(
        host=host,
        port=members.optional("port", lambda value: _whole(value, 1, 65_535), 465 if tls is MailTls.IMPLICIT else 587),
        tls=tls,
        sender=members.required("from", _address),
        recipients=tuple(members.required("to", lambda value: _list(value, _address, most=RECIPIENTS_MAX))),
        username=members.optional("username", lambda value: _text(value, 200), ""),
        password=members.optional("password", lambda value: _text(value, SECRET_CHARS_MAX), ""),
    )
    members.end()
    if tls is MailTls.NONE and not is_loopback(host):
        raise InvalidNotice(
            ("tls",),
            Words(
                "必須是 starttls 或 implicit，除非伺服器位於本機",
                "expected starttls or implicit, except for a server on this machine",
            ),
        )
    return found


_TARGETS: Final[Mapping[ChannelKind, Callable[[object], Target]]] = {
    ChannelKind.DINGTALK: _dingtalk,
    ChannelKind.WEBHOOK: _webhook,
    ChannelKind.MAIL: _mail,
}


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


# --- members -------------------------------------------------------------------------------------------------------------


def _wrong(zh: str, en: str) -> InvalidNotice:
    return InvalidNotice((), Words(zh, en))


def _text(value: object, most: int) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= most or not value.isprintable():
        raise _wrong(f"必須是 1 至 {most} 個可見字元的文字", f"expected text of 1 to {most} printable characters")
    return value


def _plain(value: object) -> str:
    # Whoever pastes one brings a blank or a line end along.
    text = value.strip() if isinstance(value, str) else ""
    if _PLAIN.fullmatch(text) is None:
        raise _wrong(
            f"必須是 1 至 {SECRET_CHARS_MAX} 個 ASCII 字元，中間沒有空格",
            f"expected 1 to {SECRET_CHARS_MAX} ASCII characters without spaces between them",
        )
    return text


def _code(value: object) -> str:
    if not isinstance(value, str) or _CODE.fullmatch(value) is None:
        raise _wrong("必須是英文字母、數字、- 及 _，最多 32 個", "expected letters, digits, - and _, at most 32")
    return value


def _person(value: object) -> str:
    if not isinstance(value, str) or _PERSON.fullmatch(value) is None:
        raise _wrong("必須是一名人士的編號", "expected the id of a person")
    return value


def _event(value: object) -> str:
    if not isinstance(value, str) or len(value) > 64 or _EVENT.fullmatch(value) is None:
        raise _wrong(
            "必須是事件種類，例如 stock.adjusted，或其開首：stock.*",
            "expected an event type such as stock.adjusted, or the beginning of some: stock.*",
        )
    return value


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise _wrong("必須是 true 或 false", "expected true or false, got another kind of value")
    return value


def _whole(value: object, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _wrong(f"必須是 {least} 至 {most} 的整數", f"expected a whole number from {least} to {most}")
    return value


def _one_of(kind: type[E]) -> Callable[[object], E]:
    def parse(value: object) -> E:
        if not isinstance(value, str) or value not in set(kind):
            raise _wrong(f"必須是以下其中之一：{', '.join(kind)}", f"expected one of {', '.join(kind)}")
        return kind(value)

    return parse


def _list(value: object, parse: Callable[[object], T], *, most: int = LIST_MAX) -> list[T]:
    if not isinstance(value, list) or not 1 <= len(value) <= most:
        raise _wrong(f"必須是 1 至 {most} 項的清單", f"expected a list of 1 to {most}")
    found: list[T] = []
    for place, item in enumerate(value):
        try:
            found.append(parse(item))
        except InvalidNotice as error:
            raise InvalidNotice((place, *error.path), error.reason) from None
    if len(set(found)) != len(found):
        raise _wrong("每項只可出現一次", "expected each of them once")
    return found


def _url(value: object) -> str:
    text = _plain(value)
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise _wrong("必須是網址", "expected a URL") from error
    host = parts.hostname
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise _wrong(
            "必須是有主機名稱的網址，不含用戶名稱、密碼或片段",
            "expected a URL with a host, without user, password or fragment",
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise _wrong("必須是 https 網址", "expected an https URL")
    return text


def _host(value: object) -> str:
    if not isinstance(value, str) or _HOST.fullmatch(value) is None:
        raise _wrong("必須是主機名稱或 IP 地址", "expected a host name or IP address")
    return value


def _address(value: object) -> str:
    if not isinstance(value, str) or _MAIL.fullmatch(value) is None:
        raise _wrong("必須是電郵地址", "expected a mail address")
    return value


def _webhook_secret(value: object) -> bytes:
    # Long base64 comes in lines. A phrase is refused: its receiver would sign with its characters, we with what they decode to.
    text = "".join(value.splitlines()).strip() if isinstance(value, str) else ""
    try:
        secret = base64.b64decode(text.removeprefix(SECRET_MARK), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(text) > SECRET_CHARS_MAX or not secret:
        raise _wrong(
            f"必須是 {SECRET_MARK} 及 base64，不可是詞句；製作方法：openssl rand -base64 32",
            f"expected {SECRET_MARK} and base64, no phrase; `openssl rand -base64 32` makes one",
        )
    if len(secret) < SECRET_BYTES_MIN:
        raise _wrong(
            f"最少 {SECRET_BYTES_MIN} 位元組，現有 {len(secret)}",
            f"expected at least {SECRET_BYTES_MIN} bytes, got {len(secret)}",
        )
    return secret


def _event_id(members: _Members, given: UUID | None) -> UUID:
    def parse(value: object) -> UUID:
        try:
            if isinstance(value, str) and len(value) == 36:
                return UUID(value)
        except ValueError:
            pass
        raise _wrong("必須是 UUID", "expected a UUID")

    found = members.maybe("event_id", parse) or given
    if found is None:
        raise InvalidNotice(("event_id",), Words("必須有值，但沒有", "expected a value, got none"))
    return found
