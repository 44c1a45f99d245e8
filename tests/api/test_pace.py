"""A body that drips in is ended; one that is merely slow, or kept waiting by us, is not."""

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from api.pace import Pace, Paced
from api.problems import Problem

PACE = Pace(pause_s=0.05, grace_s=0.1, bytes_per_s_min=1_000)


def sender(size: int, after_s: float) -> Callable[[], Awaitable[Any]]:
    async def receive() -> dict[str, Any]:
        await anyio.sleep(after_s)
        return {"type": "http.request", "body": b"x" * size, "more_body": True}

    return receive


def taken(receive: Callable[[], Awaitable[Any]], chunks: int, work_s: float = 0.0) -> int:
    """How many bytes come in, in so many chunks, where each is kept for so long."""

    async def take() -> int:
        paced, got = Paced(receive, PACE), 0
        for _ in range(chunks):
            got += len((await paced())["body"])
            await anyio.sleep(work_s)
        return got

    return anyio.run(take)


def test_a_caller_who_says_nothing_is_not_waited_for() -> None:
    with pytest.raises(Problem) as slow:
        taken(sender(1_000, after_s=10), 1)

    assert (slow.value.kind.code, slow.value.kind.status) == ("body_too_slow", 408)


def test_a_caller_who_drips_is_ended_after_a_grace() -> None:
    assert taken(sender(1, after_s=0.02), 2) == 2
    with pytest.raises(Problem):
        taken(sender(1, after_s=0.02), 20)


def test_what_we_take_to_keep_a_chunk_is_not_the_callers_time() -> None:
    assert taken(sender(100, after_s=0.0), 10, work_s=0.06) == 1_000
