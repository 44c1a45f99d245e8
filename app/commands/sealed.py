"""`documents decrypt`: opens a sealed object with its document's key, for the day when there is nothing else left."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import rich_click as click

from app.commands.base import Run, command
from app.document_keys import read_exported_key
from app.exits import Refused
from storage.objects.vault import decrypt_file

_CHUNK_BYTES: Final = 1 << 20


@click.command(
    "decrypt",
    help="Open a sealed object with the document's exported key. Needs no log, no database, no key store and no network.",
)
@click.argument("sealed", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key",
    "key_file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file that `chopbook keystore export-key` wrote.",
)
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A new file; - is standard output."
)
@command
def decrypt(run: Run, sealed: Path, key_file: Path, out: Path) -> None:
    """Decrypts one object."""
    document, key = read_exported_key(key_file)
    size = 0
    with sealed.open("rb") as source, _target(out) as target:
        for piece in decrypt_file(_chunks(source), document, key):
            target.write(piece)
            size += len(piece)
    if str(out) != "-":
        run.out.answer({"document": str(document), "bytes": size, "file": str(out)}, f"{size} bytes in {out}")


class _target:  # noqa: N801  used as a block
    """A new file that is there only when everything in it is authentic."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(f".{path.name}.part")
        self._file: BinaryIO | None = None

    def __enter__(self) -> BinaryIO:
        if str(self._path) == "-":
            return sys.stdout.buffer
        if self._path.exists():
            msg = f"file: expected a new one, got one that exists: {self._path}"
            raise Refused(msg, f"檔案：須為新檔案，但已經存在：{self._path}")
        self._file = os.fdopen(os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        return self._file

    def __exit__(self, kind: type[BaseException] | None, _error: object, _trace: object) -> None:
        if self._file is None:
            return
        self._file.close()
        if kind is None:
            self._partial.rename(self._path)
        else:
            self._partial.unlink()


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK_BYTES):
        yield chunk
