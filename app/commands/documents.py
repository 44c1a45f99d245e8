"""`documents`: what can be done with documents from a terminal."""

from __future__ import annotations

from app.commands.base import group
from app.commands.sealed import decrypt


@group("documents", "Documents: open a sealed one without the service.")
def documents_group() -> None:
    """Groups the commands of documents."""


documents_group.add_command(decrypt)
