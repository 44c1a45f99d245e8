"""How a job gets on, as server-sent events (WHATWG HTML §9.2): one each time it changed, and the last when it ended.

- The `data` of an event is the job as `GET /api/v1/jobs/{job}` answers it; its result comes with the last event.
- The stream ends by itself once the job has ended, after `stream_s_max` seconds, or when the server stops.
- Rights are looked at again each time: a caller who loses them gets no more.
- Streams of jobs and of the log are bounded together.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import anyio.to_thread
import orjson

from api.calls import Call
from api.jobs import JOB, JobParameters, job_json, job_to_read
from api.live import EVENT, MEDIA_TYPE, RETRY_MS
from api.operations import Documented, Operation, Parameters, Runs, Tag
from api.replies import Answer
from policies.errors import Denied
from workflow.model import JobStatus

POLL_S: Final = 0.5


async def follow_job(call: Call[JobParameters, None]) -> Answer:
    """Follow a job."""
    first = await anyio.to_thread.run_sync(_first, call)
    services = call.services
    woken = services.tails.follow(services.storage.log, services.settings.streams_max)
    return Answer(media_type=MEDIA_TYPE, headers=(("X-Accel-Buffering", "no"),), stream=_events(call, first, woken))


def _first(call: Call[JobParameters, None]) -> tuple[bytes, bool]:
    return _told(call, job_to_read(call, call.require_reading))


def _read(call: Call[JobParameters, None]) -> tuple[bytes, bool]:
    # Decided on what holds now, not when the stream began.
    return _told(call, job_to_read(call, call.require))


def _told(call: Call[JobParameters, None], status: JobStatus) -> tuple[bytes, bool]:
    """Return the job as it stands, and whether it has ended."""
    return orjson.dumps(job_json(call, status)), status.run.state.is_final


async def _events(
    call: Call[JobParameters, None], first: tuple[bytes, bool], woken: asyncio.Event
) -> AsyncIterator[bytes]:
    services = call.services
    clock = asyncio.get_running_loop().time
    beat, end = clock(), clock() + services.settings.stream_s_max
    (said, ended), number = first, 0
    try:
        yield b"retry: %d\n\nid: 0\nevent: job\ndata: %s\n\n" % (RETRY_MS, said)
        while not ended and not services.tails.closed and clock() < end:
            await asyncio.sleep(POLL_S)
            try:
                now, ended = await anyio.to_thread.run_sync(_read, call, limiter=services.tails.limiter)
            except Denied as denied:
                await anyio.to_thread.run_sync(call.record_denial, denied)
                return
            if now != said:
                said, number, beat = now, number + 1, clock()
                yield b"id: %d\nevent: job\ndata: %s\n\n" % (number, said)
            elif clock() - beat >= services.settings.heartbeat_s:
                beat = clock()
                yield b": still here\n\n"
    finally:
        services.tails.leave(woken)


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/v1/jobs/{job}/events",
        name="follow_job",
        tag=Tag.VERIFICATION,
        summary="Follow a job live",
        description="Server-sent events; each `data` is the job as it stands, the last one with its result.",
        run=follow_job,
        runs=Runs.ON_LOOP,
        parameters=Parameters(JobParameters, {"job": JOB}, ("job",)),
        answers=(Documented(200, "A stream that ends when the job has ended.", EVENT, media_type=MEDIA_TYPE),),
        refusals=(404,),
    ),
)
