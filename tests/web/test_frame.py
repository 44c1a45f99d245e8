"""What stands round every page: signing in and out, language, forms that are ours, problems as pages, headers."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from policies.model import Role, ScopeKind
from policies.rules import ASSIGNABLE
from policies.sessions.acting import SESSION_MAX, SESSIONS_OF_ONE_MAX
from tests.api.desk import URL
from tests.stock.shop import ALLOWS
from tests.web.readers import Site, links_of, sent_to, text_of
from web.rendering import SECURITY
from web.showing import commanded
from web.site import PAGES

ADDRESSES = [
    page.path for page in PAGES if page.method == "GET" and "{" not in page.path and page.path != "/sign-in"
] + ["/trail/1"]


@pytest.mark.parametrize(
    ("language", "says"), [("en", "Nothing awaits you."), ("zh-Hant-HK", "沒有等候你處理的事項。")]
)
def test_a_person_signs_in_with_a_token_and_is_shown_what_awaits_them(site: Site, language: str, says: str) -> None:
    reader = site.reader(Role.STORE_MANAGER, (ScopeKind.STORE, ALLOWS))

    page = reader.get("/", **{"Accept-Language": language})

    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert page.headers["content-language"] == language
    assert says in text_of(page)
    assert ALLOWS in text_of(page)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.API_CLIENT])
def test_home_and_every_section_offered_there_open_for_every_role(site: Site, role: Role) -> None:
    targets = () if ScopeKind.STORE not in ASSIGNABLE[role] else ((ScopeKind.STORE, ALLOWS),)
    reader = site.reader(role, *targets)

    offered = re.findall(r'<nav class="sections".*?</nav>', reader.get("/").text, re.DOTALL)[0]
    opened = {path: reader.get(path).status_code for path in re.findall(r'href="([^"]+)"', offered)}

    assert set(opened.values()) == {200}, opened


def test_who_has_not_signed_in_is_sent_to_do_so_and_comes_back(site: Site) -> None:
    stranger = site.stranger()
    person = site.desk.person(Role.AUDITOR)

    sent = stranger.get("/trail?type=stock.adjusted")
    form = stranger.get(sent.headers["location"])
    back = stranger.sign_in(site.desk.token_of(person), next="/trail?type=stock.adjusted")

    assert sent.status_code == 303
    assert sent.headers["location"] == "/sign-in?next=%2Ftrail%3Ftype%3Dstock.adjusted"
    assert 'value="/trail?type=stock.adjusted"' in form.text
    assert back.headers["location"] == "/trail?type=stock.adjusted"


def test_a_link_from_elsewhere_is_opened_once_more_from_here_for_the_session_s_sake(site: Site) -> None:
    stranger = site.stranger()

    arriving = stranger.get("/trail?type=stock.adjusted", **{"Sec-Fetch-Site": "cross-site"})
    from_here = stranger.get("/trail?type=stock.adjusted", **{"Sec-Fetch-Site": "same-origin"})

    assert arriving.status_code == 200
    assert '<meta http-equiv="refresh" content="0; url=/trail?type=stock.adjusted">' in arriving.text
    assert from_here.headers["location"].startswith("/sign-in?next=")


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.test/", "//evil.test", "/\\evil.test", "evil", "", "/" + "a" * 3000, "/\nx"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(site: Site, elsewhere: str) -> None:
    answer = site.stranger().sign_in(site.desk.token(Role.AUDITOR), next=elsewhere)

    assert answer.headers["location"] == "/"


def test_the_session_is_kept_by_a_cookie_that_only_this_host_gets(site: Site) -> None:
    header = site.stranger().sign_in(site.desk.token(Role.AUDITOR, minutes=10)).headers["set-cookie"]

    name, *attributes = header.split("; ")
    assert name.startswith("__Host-chopbook_session=")
    assert set(attributes) == {"Max-Age=600", "Path=/", "HttpOnly", "SameSite=Strict", "Secure"}


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("nonsense", "token_invalid"),
        ("", "credentials_malformed"),
        ("ünsinn", "credentials_malformed"),
        ("ck_aaaaaaaa_" + "x" * 43, "sign_in_for_people"),
    ],
)
def test_what_opens_nothing_is_told_and_sets_no_cookie(site: Site, token: str, code: str) -> None:
    answer = site.stranger().sign_in(token)

    kind = site.desk.get(f"/problems/{code}").json()
    assert answer.status_code == kind["status"]
    assert kind["title"]["en"] in text_of(answer)
    assert "set-cookie" not in answer.headers


def test_failed_sign_ins_are_counted_where_the_api_counts_its_own(site: Site) -> None:
    site.stranger().sign_in("nonsense")
    site.desk.get("/api/v1/me", by="nonsense")
    site.desk.policies.write_summaries(site.desk.world.clock(), everything=True)

    found = site.desk.get("/api/v1/entries", params={"type": "sign_in.failed_summary"}).json()["items"]

    assert [row["code"] for item in found for row in item["entry"]["data"]["rows"]] == ["token_invalid"]
    assert [row["count"] for item in found for row in item["entry"]["data"]["rows"]] == [2]


def test_signing_out_ends_the_session_wherever_its_cookie_is(site: Site) -> None:
    reader = site.reader(Role.AUDITOR)
    stolen = dict(reader.cookies)

    answer = reader.post("/sign-out")
    thief = site.stranger()
    thief.cookies = stolen

    assert answer.headers["location"] == "/sign-in?said=signed_out"
    assert reader.cookies == {}
    assert "You are signed out." in text_of(reader.get(answer.headers["location"]))
    assert thief.get("/trail").headers["location"].startswith("/sign-in")
    assert thief.cookies == {}


def test_signing_in_and_out_are_entries_that_tell_no_secret(site: Site) -> None:
    reader = site.reader(Role.AUDITOR)
    secret = next(iter(reader.cookies.values()))
    reader.post("/sign-out")

    found = [
        site.desk.get("/api/v1/entries", params={"type": type_}).json()["items"][0]["entry"]
        for type_ in ("session.begun", "session.ended")
    ]

    assert [entry["actor"]["id"] for entry in found] == [reader.id, reader.id]
    assert found[0]["data"] == {
        "until": "2026-11-22T05:00:00.000000Z",
        "signed_in_at": "2026-11-22T04:00:00.000000Z",
    }
    assert secret not in str(found)


def test_a_session_ends_with_its_token_and_after_eight_hours_at_most(site: Site) -> None:
    person = site.desk.person(Role.AUDITOR)
    short, long = site.stranger(), site.stranger()
    short.sign_in(site.desk.token_of(person, minutes=10))
    long.sign_in(site.desk.token_of(person, minutes=60 * 24 * 7))

    site.desk.world.clock.advance(minutes=10)
    assert short.get("/why").status_code == 303
    assert long.get("/why").status_code == 200

    site.desk.world.clock.advance(seconds=(SESSION_MAX - timedelta(minutes=10)).total_seconds())
    over = long.get("/why")
    assert "Your sign-in is over." in text_of(long.get(over.headers["location"]))


def test_a_closed_account_is_signed_out_at_once(site: Site) -> None:
    person = site.desk.person(Role.STAFF, (ScopeKind.STORE, ALLOWS))
    reader = site.reader_of(person)

    site.desk.committed(site.desk.policies.close_principal(site.desk.admin, person.id, event_id=site.desk.id()))

    assert reader.get("/why").headers["location"].startswith("/sign-in")


def test_one_person_has_so_many_sessions_and_the_oldest_go(site: Site) -> None:
    person = site.desk.person(Role.AUDITOR)
    first = site.reader_of(person)

    newest = first
    for _ in range(SESSIONS_OF_ONE_MAX):
        site.desk.world.clock.advance(seconds=1)
        newest = site.reader_of(person)

    assert first.get("/why").status_code == 303
    assert newest.get("/why").status_code == 200


def test_the_api_takes_no_session_and_a_page_no_token(site: Site) -> None:
    reader = site.reader(Role.AUDITOR)

    assert reader.get("/api/v1/me").status_code == 401
    assert site.stranger().get("/why", Authorization=f"Bearer {site.desk.token(Role.AUDITOR)}").status_code == 303


@pytest.mark.parametrize(
    ("key", "headers"),
    [
        ("", {}),
        ("0" * 64, {}),
        (None, {"Origin": "https://evil.test"}),
        (None, {"Origin": "null"}),
        (None, {"Sec-Fetch-Site": "cross-site"}),
        (None, {"Sec-Fetch-Site": "same-site"}),
    ],
    ids=["no key", "another key", "another origin", "an origin that hides", "another site", "a sister site"],
)
def test_a_form_that_is_not_of_this_page_changes_nothing(site: Site, key: str | None, headers: dict[str, str]) -> None:
    reader = site.reader(Role.AUDITOR)

    answer = reader.post("/sign-out", key=key, headers=headers)

    assert answer.status_code == 403
    assert "form_foreign" in answer.text
    assert reader.get("/why").status_code == 200


def test_another_site_signs_nobody_in(site: Site) -> None:
    token = site.desk.token(Role.AUDITOR)
    stranger = site.stranger()

    answer = stranger.post("/sign-in", {"token": token}, key="", headers={"Origin": "https://evil.test"})

    assert answer.status_code == 403
    assert stranger.cookies == {}


def test_a_form_must_be_one(site: Site) -> None:
    reader = site.reader(Role.AUDITOR)
    cookie = "; ".join(f"{name}={value}" for name, value in reader.cookies.items())

    answers = [
        site.desk.http.post(
            "/sign-out", content=content, headers={"Cookie": cookie, "Origin": URL, "Content-Type": kind}
        )
        for content, kind in ((b"{}", "application/json"), (b"x" * 300_000, "application/x-www-form-urlencoded"))
    ]

    assert [answer.status_code for answer in answers] == [415, 413]


def test_the_language_is_switched_on_the_page_and_kept(site: Site) -> None:
    reader = site.reader(Role.AUDITOR)

    switched = reader.get("/trail?type=stock.adjusted&lang=zh-Hant-HK", **{"Accept-Language": "en"})
    later = reader.get("/why", **{"Accept-Language": "en"})

    assert "審計紀錄" in text_of(switched)
    assert '<html lang="zh-Hant-HK">' in later.text
    assert "/trail?type=stock.adjusted&lang=en" in links_of(switched)


def test_a_language_that_is_none_is_passed_over(site: Site) -> None:
    stranger = site.stranger()
    stranger.cookies["chopbook_language"] = "<script>"

    page = stranger.get("/?lang=xx", **{"Accept-Language": "zh-HK"})

    assert '<html lang="zh-Hant-HK">' in page.text
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_lets_nothing_run_that_is_not_ours_and_is_not_kept(site: Site, address: str) -> None:
    page = site.reader(Role.COMPLIANCE_OFFICER).get(address)

    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert policy == SECURITY
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["vary"] == "Accept-Language, Cookie"
    assert " style=" not in page.text
    assert "<style" not in page.text
    assert "onclick" not in page.text


@pytest.mark.parametrize("language", ["en", "zh-Hant-HK"])
def test_every_link_of_a_page_leads_somewhere(site: Site, language: str) -> None:
    reader = site.reader(Role.COMPLIANCE_OFFICER)
    found: dict[str, str] = {}
    for address in ADDRESSES:
        page = reader.get(f"{address}?lang={language}")
        for link in set(links_of(page)) - {"#main", *sent_to(page)}:
            # Of those that differ in a number or a digest alone, one.
            found.setdefault(re.sub(r"[0-9a-f]{8,}|[0-9]+", "#", link), link)

    broken = {link: status for link in found.values() if (status := reader.get(link).status_code) not in {200, 303}}

    assert broken == {}


def test_what_is_static_is_kept_for_good_under_its_digest(site: Site) -> None:
    stranger = site.stranger()
    style = next(link for link in links_of(stranger.get("/")) if link.startswith("/static/style.css"))

    found, unmarked = stranger.get(style), stranger.get("/static/style.css")

    assert found.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in found.headers["cache-control"]
    assert unmarked.headers["cache-control"] == "no-cache"
    assert stranger.get("/static/../catalogue.py").status_code == 404
    assert stranger.get("/static/nothing.css").status_code == 404


def test_a_denial_is_told_with_its_reason_and_what_would_be_needed_and_is_recorded(site: Site) -> None:
    reader = site.reader(Role.STAFF, (ScopeKind.STORE, ALLOWS))

    page = reader.get("/policies", **{"Accept-Language": "zh-HK"})

    said = text_of(page)
    assert page.status_code == 403
    assert "你的職位不可進行此操作。" in said
    assert "role_lacks_action" in said
    assert "需要以下其中一個職位" in said
    assert "/why?action=bundle.read" in links_of(page)
    entries = site.desk.get("/api/v1/entries", params={"type": "access.denied"}).json()["items"]
    assert entries[0]["entry"]["actor"]["id"] == reader.id


def test_where_there_is_nothing_a_person_gets_a_page_and_a_program_a_problem(site: Site) -> None:
    reader = site.reader(Role.AUDITOR)

    page, wrong_method = reader.get("/nothing"), reader.get("/sign-out")
    program = site.desk.http.get("/nothing")

    assert (page.status_code, wrong_method.status_code) == (404, 405)
    assert "There is nothing here" in text_of(page)
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert program.headers["content-type"] == "application/problem+json"


def test_pages_and_files_answer_head_without_content(site: Site) -> None:
    stranger = site.stranger()
    style = next(link for link in links_of(stranger.get("/")) if link.startswith("/static/style.css"))

    for path in ("/", style):
        whole, head = stranger.get(path), site.desk.http.head(path, follow_redirects=False)

        assert (head.status_code, head.content) == (whole.status_code, b"")
        assert head.headers["content-length"] == str(len(whole.content))
        assert head.headers["content-type"] == whole.headers["content-type"]


def test_names_of_pages_and_routes_are_their_own() -> None:
    names = [page.name for page in PAGES]
    routes = [(page.method, page.path) for page in PAGES]

    assert len(set(names)) == len(names)
    assert len(set(routes)) == len(routes)
    assert all(name.startswith("page_") for name in names)


def test_a_query_that_cannot_be_read_is_told_on_a_page(site: Site) -> None:
    page = site.reader(Role.AUDITOR).get("/trail?text=%ff")

    assert page.status_code == 400
    assert "text/html" in page.headers["content-type"]


def test_what_is_confidential_asks_to_sign_in_again_and_comes_back(site: Site) -> None:
    person = site.desk.person(Role.DPO)
    reader = site.reader_of(person)
    old = dict(reader.cookies)
    signed_in_at = site.desk.world.clock()
    site.desk.world.clock.advance(minutes=20)

    page = reader.get("/sign-in?again=true&next=/why")
    answer = reader.post("/sign-in", {"token": site.desk.token_of(person), "next": "/why"})
    thief = site.stranger()
    thief.cookies = old

    found, session = site.desk.policies.session_principal(next(iter(reader.cookies.values())), site.desk.world.clock())
    assert page.status_code == 200
    assert answer.headers["location"] == "/why"
    assert session.signed_in.at > signed_in_at
    assert found.signed_in == session.signed_in
    assert thief.get("/why").status_code == 303, "the session of before has ended"


@pytest.mark.parametrize("language", ["en", "zh-Hant-HK"])
def test_a_command_to_type_is_shown_as_one(site: Site, language: str) -> None:
    page = site.stranger().get("/sign-in", **{"Accept-Language": language})

    assert "<code>chopbook token issue PERSON</code>" in page.text
    assert "`" not in text_of(page)


def test_what_is_shown_as_a_command_is_escaped_first() -> None:
    assert commanded("<b> `a <i>`") == "&lt;b&gt; <code>a &lt;i&gt;</code>"
