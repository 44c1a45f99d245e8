"""One HTTPS POST to a place we do not trust: bounded in time and size, without redirects or proxies of the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import httpx

from workflow.notices.errors import DeliveryFailed

TIMEOUT_S: Final = 10.0
ANSWER_BYTES_MAX: Final = 65_536
WAIT_MAX: Final = timedelta(hours=1)
_LATER: Final = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, its body cut at `ANSWER_BYTES_MAX`."""

    status: int
    body: bytes
    retry_after: timedelta | None


def post(url: str, body: bytes, headers: Mapping[str, str], *, timeout_s: float = TIMEOUT_S) -> Answer:
    """The answer, whatever its status.

    Raises:
        DeliveryFailed: there was none in time, or no connection that can be trusted.
    """
    try:
        with (
            httpx.Client(timeout=timeout_s, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", url, content=body, headers=headers) as response,
        ):
            taken = bytearray()
            for chunk in response.iter_raw(8192):
                taken += chunk
                if len(taken) >= ANSWER_BYTES_MAX:
                    break
            return Answer(response.status_code, bytes(taken[:ANSWER_BYTES_MAX]), _retry_after(response.headers))
    except httpx.TimeoutException as error:
        raise DeliveryFailed("timeout", retry=True) from error
    except httpx.HTTPError as error:
        raise DeliveryFailed("unreachable", retry=True) from error
    except httpx.InvalidURL as error:
        raise DeliveryFailed("address_invalid", retry=False) from error


def require_taken(answer: Answer) -> None:
    """Takes 2xx as delivered; other statuses are failures, of which some pass.

    Raises:
        DeliveryFailed: the status is another one.
    """
    if 200 <= answer.status < 300:
        return
    later = answer.status in _LATER or answer.status >= 500
    raise DeliveryFailed(f"http_{answer.status}", retry=later, wait=answer.retry_after)


def _retry_after(headers: httpx.Headers) -> timedelta | None:
    """Seconds only: a date would need a clock that agrees with ours."""
    given = headers.get("retry-after", "")
    return min(timedelta(seconds=int(given)), WAIT_MAX) if given.isdecimal() and len(given) < 7 else None
