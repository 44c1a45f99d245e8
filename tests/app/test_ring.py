"""Where the ring of the key store's epochs lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.ring import ring_of
from app.settings import load_settings

POSTGRESQL = {"CHOPBOOK_KEYSTORE_URL": "postgresql+psycopg://chop@db.test/keys"}


@pytest.mark.parametrize(
    ("environ", "file"),
    [
        ({}, "keys/epochs.ring"),
        (POSTGRESQL, None),
        ({**POSTGRESQL, "CHOPBOOK_EPOCH_RING_FILE": "shared.ring"}, "shared.ring"),
        ({"CHOPBOOK_EPOCH_RING_FILE": "shared.ring"}, "shared.ring"),
    ],
)
def test_the_ring_lies_where_the_settings_say(tmp_path: Path, environ: dict[str, str], file: str | None) -> None:
    named = {name: str(tmp_path / value) if name.endswith("_FILE") else value for name, value in environ.items()}
    ring = ring_of(load_settings({"CHOPBOOK_DATA_DIR": str(tmp_path), **named}))

    if file is None:
        assert ring is None
        return
    assert ring is not None
    (tmp_path / file).parent.mkdir(exist_ok=True)
    ring.make("epoch")
    assert (tmp_path / file).exists()
