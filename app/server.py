"""The HTTP server process: the API, health, metrics, the embedded worker; and an end that leaves nobody without an answer.

On SIGTERM or SIGINT it takes no new connection, answers what it has accepted, lets running jobs end or gives them back,
writes what was gathered, closes the log. A second signal ends it at once; what was answered is durable either way.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import uvicorn

from api.application import create_api
from api.jwks import Fetch, Jwks, JwksError, from_file, from_url, parse_jwks
from api.services import ApiSettings, Services
from api.tokens import KeySource, Secret, TokenVerifier
from app.collector import spare_the_collector
from app.documents import ocr_processes_of
from app.health import health_handlers, metrics_handlers
from app.index_keeping import IndexKeeper
from app.jobs import job_handlers
from app.metrics import Metrics
from app.objects import reach_in_background
from app.os_words import reason_of
from app.setting_kinds import SettingsError
from app.version import chopbook_version
from app.wiring import House, Housekeeping
from audit.words import Words
from documents.model import READ_KIND
from web.serving import page_refusal
from web.site import site_handlers
from workflow.notices.running import NoticeRunner
from workflow.worker import Worker

if TYPE_CHECKING:
    from types import FrameType

    from litestar import Litestar

    from app.settings import Settings
    from storage.outbound import OutboundGate

BACKLOG: Final = 2_048
GRACE_S: Final = 30
WORKER_GRACE_S: Final = 20.0

_log = logging.getLogger("chopbook.app")


def build_services(house: House) -> Services:
    """What the API stands on."""
    settings = house.settings
    return Services(
        storage=house.storage,
        policies=house.policies,
        stock=house.stock,
        queue=house.queue,
        schedules=house.schedules,
        documents=house.documents,
        cases=house.cases,
        search=house.search,
        notices=house.notices,
        retention=house.retention,
        locks=house.locks,
        disposals=house.disposals,
        printer=house.printer,
        tokens=TokenVerifier(
            _key_source(settings, house.gate),
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
            leeway_s=settings.jwt_leeway_s,
        ),
        commit=house.storage.log.commit_async,
        clock=house.clock,
        entropy=house.entropy,
        settings=ApiSettings(
            public_url=settings.public_url,
            public_checkpoints=settings.public_checkpoints,
            body_bytes_max=settings.request_body_bytes_max,
            batch_rows_max=settings.batch_rows_max,
            page_size_max=settings.page_size_max,
            version=chopbook_version(),
        ),
    )


def build_application(house: House, services: Services) -> Litestar:
    """The API with the pages, health and metrics beside it."""
    metrics = Metrics(house)
    handlers = health_handlers(house) + site_handlers(services, metrics.observe)
    if house.settings.metrics:
        handlers += metrics_handlers(metrics)
    return create_api(services, handlers=handlers, observe=metrics.observe, refuse=partial(page_refusal, services))


def build_worker(house: House) -> Worker:
    """A worker for every kind of job there is, with a thread left over while papers are read in all processes for it."""
    return Worker(
        house.queue,
        job_handlers(house),
        name=f"{socket.gethostname()}-{os.getpid()}",
        clock=house.clock,
        entropy=house.entropy,
        threads=max(house.settings.worker_count, ocr_processes_of(house.settings) + 1),
        at_once={READ_KIND: ocr_processes_of(house.settings)},
    )


def end_worker(house: House, worker: Worker) -> bool:
    """Ends a worker within `WORKER_GRACE_S`; whether every job ended or was given back.

    A paper of many pages takes minutes to read: what has not ended after some seconds is interrupted, and gone on with later.
    """
    return worker.stop(WORKER_GRACE_S, interrupt=house.children.interrupt)


def serve(house: House, listening: socket.socket, services: Services | None = None) -> None:
    """Serves on a bound socket until a signal ends it; by default with the services of the house."""
    services = services or build_services(house)
    config = uvicorn.Config(
        build_application(house, services),
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE_S,
        proxy_headers=bool(house.settings.trusted_proxies),
        forwarded_allow_ips=[str(network) for network in house.settings.trusted_proxies],
    )
    housekeeping = Housekeeping(house)
    worker = build_worker(house) if house.settings.embedded_worker else None
    teller = NoticeRunner(house.notices) if house.settings.embedded_worker else None
    keeper = IndexKeeper(house) if house.settings.embedded_worker else None
    spare_the_collector()
    reach_in_background(house.vault.store)
    with _signals_return():
        housekeeping.start()
        if worker is not None:
            worker.start()
        if teller is not None:
            teller.start()
        if keeper is not None:
            keeper.start()
        try:
            _Server(config, services).run(sockets=[listening])
        finally:
            if keeper is not None:
                keeper.stop()
            if teller is not None:
                teller.stop()
            if worker is not None and not end_worker(house, worker):
                _log.warning("a job did not end in time; another worker takes it when its lease runs out")
            housekeeping.stop()


class _Server(uvicorn.Server):
    """Ends the live streams when it begins to stop: they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, services: Services) -> None:
        super().__init__(config)
        self._services: Final = services

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops accepting, lets what was accepted be answered, closes."""
        self._services.tails.close()
        await super().shutdown(sockets)


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens at this address; port 0 takes a free one.

    Raises:
        OSError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        # From here on callers are accepted; they wait until the server is ready.
        bound.listen(BACKLOG)
    except OSError:
        bound.close()
        raise
    bound.set_inheritable(True)
    return bound


@contextmanager
def _signals_return() -> Iterator[None]:
    """Lets the block end by itself after a signal: uvicorn raises the signal again once it has stopped."""

    def ignore(_number: int, _frame: FrameType | None) -> None:
        """The server has seen it; what follows is an orderly end."""

    before: dict[int, Callable[..., object] | int | None] = {}
    for number in (signal.SIGTERM, signal.SIGINT):
        before[number] = signal.signal(number, ignore)
    try:
        yield
    finally:
        for caught, handler in before.items():
            signal.signal(caught, handler)


def _key_source(settings: Settings, gate: OutboundGate) -> KeySource:
    if settings.jwt_mode == "hs256":
        return Secret(settings.jwt_secret())
    if settings.jwks_file is not None:
        return Jwks(_checked(settings.jwks_file, settings.jwt_algorithms), settings.jwt_algorithms)
    return Jwks(from_url(settings.jwks_url or "", gate), settings.jwt_algorithms)


def _checked(path: Path, algorithms: Sequence[str]) -> Fetch:
    """What reads the keys from a file, which holds some now; one on the network may be away for a moment, a file may not.

    Raises:
        SettingsError: it cannot be read, or holds no usable key.
    """
    fetch = from_file(path)
    try:
        parse_jwks(fetch(), algorithms)
    except (JwksError, OSError) as error:
        said = reason_of(error) if isinstance(error, OSError) else Words("並非可用的 JWKS", str(error))
        words = Words(
            f"CHOPBOOK_JWKS_FILE 必須載有身分提供者的公開密鑰：{path}：{said.zh}。",
            f"CHOPBOOK_JWKS_FILE must hold the public keys of your identity provider: {path}: {said.en}.",
        )
        raise SettingsError((words,)) from error
    return fetch
