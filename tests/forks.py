"""Processes of their own that are there at once: forked from one that has imported the product, once a session."""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerContext
from pathlib import Path
from subprocess import CompletedProcess

PRELOADED = [
    "app.commands.keystore",
    "app.commands.log",
    "app.commands.objects",
    "tests.crash.load",
    "tests.crash.papers",
]
"""What the first process imports: most of the product, and what crash tests run."""


def forking() -> ForkServerContext:
    """Where processes come from; the same list for every test, since it counts only before the first fork."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*PRELOADED, "tests.machine.rivals", "tests.workflow.rivals"])
    return context


def run_command(
    arguments: Sequence[str], *, environ: Mapping[str, str], directory: Path, stdin: str = "", timeout_s: float = 110
) -> CompletedProcess[str]:
    """Runs `chopbook` with these arguments in a process of its own, as a shell would.

    Raises:
        TimeoutError: it did not end.
    """
    with tempfile.TemporaryDirectory() as place:
        streams = [Path(place) / name for name in ("in", "out", "err")]
        streams[0].write_text(stdin, encoding="utf-8")
        process = forking().Process(target=_become, args=(list(arguments), dict(environ), directory, streams))
        process.start()
        process.join(timeout_s)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(" ".join(arguments))
        code = process.exitcode
        process.close()
        out, err = (stream.read_text(encoding="utf-8") for stream in streams[1:])
    return CompletedProcess(list(arguments), code, out, err)


def _become(arguments: list[str], environ: dict[str, str], directory: Path, streams: list[Path]) -> None:
    """Turns this process into the command: its surroundings first, then its entry point."""
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environ)
    for number, (path, flags) in enumerate(zip(streams, (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT] * 2), strict=True)):
        os.dup2(os.open(path, flags, 0o600), number)
    # Streams of its own on the new files; those it was forked with may hold what others wrote.
    sys.stdin, sys.stdout, sys.stderr = (open(n, mode, encoding="utf-8", closefd=False) for n, mode in enumerate("rww"))  # noqa: SIM115
    sys.argv = ["chopbook", *arguments]
    from app.cli import main

    try:
        main()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
