"""`serve` and `worker`: the processes that stay."""

from __future__ import annotations

import signal
import threading

import rich_click as click

from app.commands.base import Run, command
from app.exits import ExitCode, Refused
from app.server import WORKER_GRACE_S, bind, build_worker, serve
from app.wiring import Housekeeping


@click.command("serve", help="Serve the API until SIGTERM or Ctrl-C; then answer what was accepted, and end.")
@click.option("--host", help="The address to listen on; the same as CHOPBOOK_HOST.")
@click.option("--port", type=click.IntRange(0, 65_535), help="The port; 0 takes a free one; the same as CHOPBOOK_PORT.")
@command
def serve_command(run: Run, host: str | None, port: int | None) -> ExitCode:
    """Serves."""
    return serve_here(run, host, port)


def serve_here(run: Run, host: str | None, port: int | None) -> ExitCode:
    """Serves in this process, at the address of the options or else of the settings."""
    if host is not None:
        run.overrides["CHOPBOOK_HOST"] = host
    if port is not None:
        run.overrides["CHOPBOOK_PORT"] = str(port)
    settings = run.settings
    try:
        listening = bind(settings.host, settings.port)
    except OSError as error:
        msg = f"address: expected {settings.host}:{settings.port} to be free, got: {error.strerror}"
        raise Refused(msg) from error
    with listening, run.house() as house:
        shown = f"[{settings.host}]" if ":" in settings.host else settings.host
        run.out.note(f"listening on http://{shown}:{listening.getsockname()[1]}")
        serve(house, listening)
    run.out.note("stopped; everybody was answered")
    return ExitCode.OK


@click.command("worker", help="Do jobs until SIGTERM or Ctrl-C, beside a server with CHOPBOOK_EMBEDDED_WORKER=false.")
@command
def worker_command(run: Run) -> ExitCode:
    """Works."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ended.set())
    with run.house() as house:
        housekeeping, worker = Housekeeping(house), build_worker(house)
        housekeeping.start()
        worker.start()
        run.out.note(f"worker {worker.name} at work")
        # A signal sets the event; the timeout only lets this thread see a worker that died.
        while not ended.wait(1.0) and worker.is_alive:
            continue
        done = worker.stop(WORKER_GRACE_S)
        housekeeping.stop()
    run.out.note("stopped" if done else "stopped; a job did not end in time and is taken again later")
    return ExitCode.OK if ended.is_set() else ExitCode.UNAVAILABLE
