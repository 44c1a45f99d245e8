"""Where the ring of the key store's epochs lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.clock import system_entropy
from storage.epoch_ring import RING_NAME, EpochRing

if TYPE_CHECKING:
    from app.settings import Settings


def ring_of(settings: Settings) -> EpochRing | None:
    """The ring in the file that is named, or beside the root key's file; None where machines share a key store and no file is named."""
    if settings.epoch_ring_file is not None:
        return EpochRing(settings.epoch_ring_file, system_entropy)
    if not settings.keystore_url.startswith("sqlite:///"):
        return None
    return EpochRing(settings.root_key_file.with_name(RING_NAME), system_entropy)
