"""The object store the settings name: embedded, or any that speaks S3; nothing is reached before it is needed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.objects import ensure_buckets, object_store, reach_in_background
from app.setting_kinds import SettingsError
from app.settings import Settings, load_settings
from storage.objects import Bucket
from storage.objects.delegating import LazyStore
from storage.objects.embedded import EmbeddedStore
from storage.objects.errors import ObjectRefused, ObjectStoreUnavailable
from storage.objects.seaweed import SeaweedServer
from storage.outbound import DeclaredHosts, OutboundRefused
from tests.objects import MemoryStore, real_clock

ANYWHERE = DeclaredHosts({"127.0.0.1": "HK", "localhost": "HK", "s3.us-east-1.amazonaws.com": "US"})


def _settings(tmp_path: Path, **values: str) -> Settings:
    named = {f"CHOPBOOK_{name.upper()}": value for name, value in values.items()}
    return load_settings({"CHOPBOOK_DATA_DIR": str(tmp_path / "data"), **named})


def _credentials(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_the_embedded_store_is_the_default_and_starts_nothing(tmp_path: Path) -> None:
    store = object_store(_settings(tmp_path), ANYWHERE, clock=real_clock, entropy=os.urandom)

    assert isinstance(store, EmbeddedStore)
    assert not store.is_running
    store.close()
    assert not (tmp_path / "data").exists()


def test_any_s3_store_serves_with_credentials_from_a_file(tmp_path: Path, seaweed: SeaweedServer) -> None:
    endpoint = seaweed.endpoint()
    assert endpoint.url is not None
    file = _credentials(tmp_path / "s3", f"{endpoint.access_key}\n{endpoint.secret_key}\n")
    settings = _settings(
        tmp_path,
        object_store="s3",
        object_store_url=endpoint.url,
        object_store_prefix="elsewhere-",
        object_store_credentials_file=file,
    )
    store = object_store(settings, ANYWHERE, clock=real_clock, entropy=os.urandom)
    assert isinstance(store, LazyStore)
    assert not store.check().is_good

    ensure_buckets(store)
    ensure_buckets(store)

    assert store.check().is_good
    stored = store.put_new(Bucket.RECORDS, "v1/d/1", [b"content"])
    assert b"".join(store.read(stored.ref)) == b"content"
    assert [found.ref for found in store.versions(Bucket.RECORDS, "v1/")] == [stored.ref]
    store.hold(stored.ref, False)
    store.delete_version(stored.ref)
    with pytest.raises(ObjectRefused):
        store.presign_get(stored.ref, 10)
    store.close()
    store.close()


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ("only-one\n", 0o600, "must hold the access key on its first line"),
        ("a\nb\n", 0o604, "is open to everybody"),
    ],
)
def test_credentials_that_are_none_are_refused_when_they_are_needed(
    tmp_path: Path, text: str, mode: int, said: str
) -> None:
    file = _credentials(tmp_path / "s3", text, mode)
    settings = _settings(tmp_path, object_store="s3", object_store_credentials_file=file)
    store = object_store(settings, ANYWHERE, clock=real_clock, entropy=os.urandom)

    with pytest.raises(SettingsError, match=said):
        store.check()

    store.close()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"object_store_url": "https://s3.example"}, "CHOPBOOK_OBJECT_STORE must be s3 if CHOPBOOK_OBJECT_STORE_URL"),
        ({"object_store": "s3", "object_store_url": "http://s3.example"}, "must start with https://"),
        ({"object_store_prefix": "Upper_"}, "CHOPBOOK_OBJECT_STORE_PREFIX must be"),
        ({"object_store": "disk"}, "CHOPBOOK_OBJECT_STORE must be"),
    ],
)
def test_settings_that_disagree_are_named(tmp_path: Path, values: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        _settings(tmp_path, **values)


def test_a_store_is_reached_beside_everything_else(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryStore()

    reach_in_background(store).join(5)

    assert store.calls == ["check"]
    assert caplog.records == []


def test_a_store_out_of_reach_is_said_and_does_not_stop_the_start(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryStore()

    def refuse(_method: str) -> None:
        msg = "no room"
        raise ObjectRefused(msg)

    store.faults = refuse

    reach_in_background(store).join(5)

    assert [record.message for record in caplog.records] == ["object store not reached"]


def test_a_start_under_way_gives_up_when_the_store_is_closed(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "objects", prefix="t-", clock=real_clock, entropy=os.urandom)
    reaching = reach_in_background(store)

    store.close()
    reaching.join(30)
    store.close()
    with pytest.raises(ObjectStoreUnavailable, match="expected an open store, got one that was closed"):
        store.check()

    assert not reaching.is_alive()
    assert not store.is_running


def test_a_store_that_is_not_declared_is_never_called(tmp_path: Path) -> None:
    settings = _settings(tmp_path, object_store="s3", object_store_url="https://s3.elsewhere.test")
    store = object_store(settings, DeclaredHosts({}), clock=real_clock, entropy=os.urandom)

    with pytest.raises(OutboundRefused, match=r"s3\.elsewhere\.test:443 for objects: .* got destination_undeclared"):
        store.put_new(Bucket.RECORDS, "v1/d/1", [b"content"])
    with pytest.raises(OutboundRefused):
        store.check()
