"""Which files of a tree are in the log, so that an import that is run again need not read them.

- A line for each: where it lies, as what it goes in and for whom (as one id), its size and time of change, and the event that took
  it in. No name stands there, and no digest of the content but the one in that event's id, which the log has.
- It decides nothing: the log is asked whether it knows the event. A line that is lost costs reading a file once more.
- A file that was changed without another size or time is not noticed, as with rsync; `--read-all` reads everything.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from pathlib import Path

FOLDER: Final = "import-journals"
_NAMESPACE: Final = UUID("b0f9f7b6-6f9b-5d0a-8d7d-0c0a4f3c5f6e")

_Mark = tuple[int, int]
"""Size, and time of change in nanoseconds."""


class Journal:
    """What is known of the files below one folder."""

    def __init__(self, data_dir: Path, root: Path) -> None:
        self._path: Final = data_dir / FOLDER / f"{uuid5(_NAMESPACE, str(root.resolve()))}.txt"
        self._known: Final[dict[UUID, tuple[_Mark, UUID]]] = dict(_lines(self._path))

    def event_of(self, path: Path, what: str) -> UUID | None:
        """The event that took this file in as this, if it looks as it did then."""
        found = self._known.get(uuid5(_NAMESPACE, what))
        return found[1] if found is not None and found[0] == _mark_of(path) else None

    def forget(self) -> None:
        """Lets every file be read."""
        self._known.clear()

    def note(self, path: Path, what: str, event_id: UUID) -> None:
        """Writes down that the log has this file."""
        mark, name = _mark_of(path), uuid5(_NAMESPACE, what)
        if self._known.get(name) == (mark, event_id):
            return
        self._known[name] = mark, event_id
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="ascii") as file:
            file.write(f"{name} {mark[0]} {mark[1]} {event_id}\n")


def _mark_of(path: Path) -> _Mark:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _lines(path: Path) -> list[tuple[UUID, tuple[_Mark, UUID]]]:
    if not path.exists():
        return []
    found = []
    for line in path.read_text("ascii", "replace").splitlines():
        parts = line.split(" ")
        try:
            name, size, changed, event_id = UUID(parts[0]), int(parts[1]), int(parts[2]), UUID(parts[3])
        except (ValueError, IndexError):
            # The process was killed while it wrote.
            continue
        found.append((name, ((size, changed), event_id)))
    return found
