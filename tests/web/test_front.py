"""The front page greets in both languages and shows the log's standing only where checkpoints are public."""

from dataclasses import fields
from typing import Any

import pytest
from litestar.testing import TestClient

from api.application import create_api
from api.languages import Language
from storage.reading import published_checkpoint, read_head
from tests.api.desk import URL, Desk
from tests.worlds import World
from web.catalogue import TEXTS
from web.front import front_handlers


def front(world: World, *, show_head: bool = True, **request: Any) -> tuple[str, dict[str, str]]:
    handlers = front_handlers(world.storage.database, public_url=URL, show_head=show_head, language=Language.ENGLISH)
    with TestClient(create_api(Desk(world).services, handlers=handlers), base_url=URL) as client:
        answer = client.get("/", **request)
    assert answer.status_code == 200
    return answer.text, dict(answer.headers)


@pytest.mark.parametrize(
    ("request_", "language"),
    [
        ({}, Language.ENGLISH),
        ({"headers": {"Accept-Language": "zh-HK,zh;q=0.9"}}, Language.CHINESE),
        ({"params": {"lang": "zh-Hant-HK"}, "headers": {"Accept-Language": "en"}}, Language.CHINESE),
        ({"params": {"lang": "<script>"}}, Language.ENGLISH),
    ],
    ids=["default", "by header", "by choice", "a language that is none"],
)
def test_the_page_speaks_the_language_asked_for(
    sqlite_world: World, request_: dict[str, Any], language: Language
) -> None:
    text, headers = front(sqlite_world, **request_)

    assert f'<html lang="{language.value}">' in text
    assert TEXTS[language].lead in text
    assert headers["content-language"] == language.value
    assert "<script" not in text
    sqlite_world.check()


def test_the_page_shows_where_the_log_stands(sqlite_world: World) -> None:
    sqlite_world.append(3)

    text, headers = front(sqlite_world)

    with sqlite_world.storage.database.read() as connection:
        assert read_head(connection).root.hex() in text
        assert published_checkpoint(connection).split("\n")[2] in text
    assert "2026-11-22 12:00:00 HKT" in text
    assert headers["content-security-policy"].startswith("default-src 'none'")


def test_strangers_see_no_head_where_checkpoints_are_private(sqlite_world: World) -> None:
    text, _ = front(sqlite_world, show_head=False)

    with sqlite_world.storage.database.read() as connection:
        assert read_head(connection).root.hex() not in text
    assert TEXTS[Language.ENGLISH].checkpoint not in text


@pytest.mark.parametrize("language", list(Language))
def test_every_text_is_there(language: Language) -> None:
    assert all(getattr(TEXTS[language], one.name).strip() for one in fields(TEXTS[language]))
