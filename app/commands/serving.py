"""`serve` and `worker`: the processes that stay."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import rich_click as click

from app.commands.base import Run, command
from app.commands.listed import COMMANDS
from app.endpoints import require_declared
from app.exits import ExitCode, Refused
from app.index_keeping import IndexKeeper
from app.objects import reach_in_background
from app.os_words import reason_of
from app.server import bind, build_services, build_worker, end_worker, serve
from app.wiring import House, Housekeeping
from workflow.notices.running import NoticeRunner


@click.command("serve", help=COMMANDS["serve"].about)
@click.option("--host", help="The address to listen on; the same as CHOPBOOK_HOST.")
@click.option("--port", type=click.IntRange(0, 65_535), help="The port; 0 takes a free one; the same as CHOPBOOK_PORT.")
@command
def serve_command(run: Run, host: str | None, port: int | None) -> ExitCode:
    """Serves."""
    run.listen_at(host, port)
    return serve_here(run)


def serve_here(
    run: Run,
    announce: Callable[[House, str], None] | None = None,
    beside: Callable[[House, threading.Event], None] | None = None,
) -> ExitCode:
    """Serves in this process; `announce` is called with the address just before.

    `beside` runs in a thread meanwhile, and ends soon after its event is set; what it raises is its own affair.

    Raises:
        Refused: the address is in use.
    """
    settings = run.settings
    try:
        listening = bind(settings.host, settings.port)
    except OSError as error:
        msg = f"address: expected {settings.host}:{settings.port} to be free, got: {error.strerror}"
        raise Refused(msg, f"位址：{settings.host}:{settings.port} 不能使用（{reason_of(error).zh}）") from error
    with listening:
        if settings.port == 0:
            run.listen_at(None, listening.getsockname()[1])
        with run.house() as house:
            require_declared(settings, house.gate)
            services = build_services(house)
            if announce is not None:
                announce(house, run.settings.public_url)
            run.out.note(f"listening on {run.settings.public_url}")
            ended = threading.Event()
            helper = None if beside is None else threading.Thread(target=beside, args=(house, ended), daemon=True)
            if helper is not None:
                helper.start()
            try:
                serve(house, listening, services)
            finally:
                ended.set()
                if helper is not None:
                    helper.join()
    run.out.note("stopped; everybody was answered")
    return ExitCode.OK


@click.command("worker", help=COMMANDS["worker"].about)
@command
def worker_command(run: Run) -> ExitCode:
    """Works."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ended.set())
    with run.house() as house:
        require_declared(house.settings, house.gate)
        reach_in_background(house.vault.store)
        housekeeping, worker, teller = Housekeeping(house), build_worker(house), NoticeRunner(house.notices)
        housekeeping.start()
        worker.start()
        teller.start()
        keeper = IndexKeeper(house)
        keeper.start()
        run.out.note(f"worker {worker.name} at work")
        # A signal sets the event; the timeout only lets this thread see a worker that died.
        while not ended.wait(1.0) and worker.is_alive:
            continue
        keeper.stop()
        teller.stop()
        done = end_worker(house, worker)
        housekeeping.stop()
    run.out.note("stopped" if done else "stopped; a job did not end in time and is taken again later")
    return ExitCode.OK if ended.is_set() else ExitCode.UNAVAILABLE
