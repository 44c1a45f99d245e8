"""Where the ring of the key store's epochs lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.clock import system_entropy
from storage.epoch_ring import RING_NAME, EpochRing

if TYPE_CHECKING:
    from app.settings import Settings


def ring_of(settings: Settings) -> EpochRing | None:
    """The ring beside the root key's file; None where several machines share a key store, which could not share a file."""
    if not settings.keystore_url.startswith("sqlite:///"):
        return None
    return EpochRing(settings.root_key_file.with_name(RING_NAME), system_entropy)
