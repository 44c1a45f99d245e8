"""What can go wrong with notices, as one tree.

NoticeError
├── InvalidNotice     a channel or rule breaks its rule: `path` says where
├── UnknownNotice     no such channel, rule or message
└── DeliveryFailed    a message could not be delivered: `code` says why, `retry` whether to try again
"""

from __future__ import annotations

from datetime import timedelta

from audit.words import Words


class NoticeError(Exception):
    """Base of every error notices raise on purpose."""


class InvalidNotice(NoticeError):
    """A member of a channel or rule is wrong; `reason` never repeats a secret."""

    def __init__(self, path: tuple[str | int, ...], reason: Words) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{'/'.join(map(str, path)) or 'request'}: {reason.en}")

    @property
    def zh(self) -> str:
        """The message in Chinese."""
        return f"{'/'.join(map(str, self.path)) or '請求'}：{self.reason.zh}"


class UnknownNotice(NoticeError):
    """There is none of that code."""

    def __init__(self, kind: str, code: str) -> None:
        self.kind = kind
        self.code = code
        self.zh = f"沒有此通知渠道或規則：{code}"
        super().__init__(f"{kind}: expected a known code, got {code!r}")


class DeliveryFailed(NoticeError):
    """The other side did not take a message.

    Attributes:
        code: short and stable, without anything the other side wrote.
        retry: whether another attempt could succeed.
        wait: how long the other side wants to be left alone, if it said so.
        counts: whether the attempt counts; not when we only came too fast.
    """

    def __init__(self, code: str, *, retry: bool, wait: timedelta | None = None, counts: bool = True) -> None:
        self.code = code
        self.retry = retry
        self.wait = wait
        self.counts = counts
        super().__init__(f"{code}: {'try again' if retry else 'given up'}")
