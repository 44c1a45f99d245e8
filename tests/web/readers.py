"""Who reads the pages in tests: somebody with a browser's cookies, without a browser."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx

from policies.model import PrincipalRecord, Role, ScopeKind
from tests.api.desk import URL, Desk


class Site:
    """The pages of a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def reader(self, role: Role, *targets: tuple[ScopeKind, str]) -> Reader:
        """Somebody of a role who has signed in."""
        return self.reader_of(self.desk.person(role, *targets))

    def reader_of(self, person: PrincipalRecord) -> Reader:
        """A person who has signed in."""
        reader = Reader(self.desk, person.id)
        answer = reader.sign_in(self.desk.token_of(person))
        assert answer.status_code == 303, answer.text
        return reader

    def stranger(self) -> Reader:
        """Somebody who has not signed in."""
        return Reader(self.desk, "")


class Reader:
    """Keeps cookies as a browser does, sends forms as one does, and follows nothing."""

    def __init__(self, desk: Desk, id_: str) -> None:
        self.desk = desk
        self.id = id_
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._kept(self.desk.http.get(path, headers=self._headers(headers), follow_redirects=False))

    def post(
        self,
        path: str,
        form: dict[str, str] | None = None,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Send a form; `key` is what its page held, by default what this reader's pages hold."""
        found = {"form_key": self.form_key() if key is None else key, **(form or {})}
        sent = self._headers({"Origin": URL, "Sec-Fetch-Site": "same-origin", **(headers or {})})
        return self._kept(self.desk.http.post(path, data=found, headers=sent, follow_redirects=False))

    def sign_in(self, token: str, **form: str) -> httpx.Response:
        return self.post("/sign-in", {"token": token, **form}, key="")

    def form_key(self) -> str:
        found = re.search(r'name="form_key" value="([0-9a-f]+)"', self.get("/why").text)
        assert found is not None
        return found[1]

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Accept": "text/html", **({"Cookie": cookies} if cookies else {}), **more}

    def _kept(self, answer: httpx.Response) -> httpx.Response:
        for header in answer.headers.get_list("set-cookie"):
            pair, *attributes = header.split("; ")
            name, _, value = pair.partition("=")
            if "Max-Age=0" in attributes:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        self.desk.http.cookies.clear()
        return answer


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def text_of(answer: httpx.Response) -> str:
    """What a page says, without its markup."""
    parser = _Texts()
    parser.feed(answer.text)
    return " ".join(" ".join(parser.found).split())


def links_of(answer: httpx.Response) -> list[str]:
    """Every address a page leads to."""
    return re.findall(r'(?:href|action|src)="([^"]+)"', answer.text.replace("&amp;", "&"))


def sent_to(answer: httpx.Response) -> set[str]:
    """Where the forms of a page are sent that change something."""
    return set(re.findall(r'<form method="post" action="([^"]+)"', answer.text))
