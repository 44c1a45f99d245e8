"""Lines of a page run by a shell as they stand there, each `chopbook` in a process forked from one that is warm.

    with drill() as prelude:
        subprocess.run(["bash", "-c", prelude + script], …)

The shell's function hands its arguments, standard input, environment and folder over in files, names their folder in a pipe, and
answers with what the command wrote and its exit code.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.forks import run_command

_END = "end"
_PRELUDE = """set -euo pipefail
chopbook() {{
  local call; call=$(mktemp -d '{calls}/XXXXXX')
  printf '%s\\0' "$@" > "$call/arguments"; env -0 > "$call/environ"; pwd > "$call/directory"; cat > "$call/in"
  mkfifo "$call/code"; echo "$call" > '{calls}/asked'
  local code; read -r code < "$call/code"
  cat "$call/out"; cat "$call/err" >&2
  return "$code"
}}
"""


@contextmanager
def drill() -> Iterator[str]:
    """What stands before the lines of a script; its commands are run until the block ends."""
    with tempfile.TemporaryDirectory() as place:
        calls = Path(place)
        asked = calls / "asked"
        os.mkfifo(asked, 0o600)
        relay = threading.Thread(target=_relay, args=(asked,), name="drill", daemon=True)
        relay.start()
        try:
            yield _PRELUDE.format(calls=calls)
        finally:
            asked.write_text(f"{_END}\n")
            relay.join(10)


def _relay(asked: Path) -> None:
    while True:
        for line in asked.read_text().splitlines():
            if line == _END:
                return
            _answer(Path(line))


def _answer(call: Path) -> None:
    def parts(name: str) -> list[str]:
        return call.joinpath(name).read_text("utf-8").split("\0")[:-1]

    try:
        done = run_command(
            parts("arguments"),
            environ=dict(one.split("=", 1) for one in parts("environ") if "=" in one),
            directory=Path(call.joinpath("directory").read_text("utf-8").strip()),
            stdin=call.joinpath("in").read_text("utf-8"),
        )
        code, out, err = done.returncode, done.stdout, done.stderr
    except TimeoutError as error:
        code, out, err = 124, "", str(error)
    call.joinpath("out").write_text(out, "utf-8")
    call.joinpath("err").write_text(err, "utf-8")
    call.joinpath("code").write_text(f"{code}\n")
