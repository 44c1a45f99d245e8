"""Arrays as they are packed for PostgreSQL come back as the values they hold."""

from __future__ import annotations

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.arrays import packed

INTEGERS = st.integers(-(2**63), 2**63 - 1)
VALUES = {
    "bigint": INTEGERS,
    "integer": st.integers(-(2**31), 2**31 - 1),
    "text": st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
    "bytea": st.binary(max_size=20),
    "boolean": st.booleans(),
}


@pytest.mark.parametrize("kind", VALUES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(data=st.data())
def test_what_is_packed_is_what_postgresql_takes(postgresql_url: str, kind: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.none() | VALUES[kind], max_size=12))

    with psycopg.connect(postgresql_url.replace("postgresql+psycopg", "postgresql")) as connection:
        row = connection.execute(f"SELECT %s::{kind}[]", [packed(kind, values)]).fetchone()

    assert row == (values,)
