"""What bad input gets: each item a specific problem with the member's path, in both languages, and nothing half-written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from policies.model import Role, ScopeKind
from tests.api.desk import Desk

ONE = "/api/v1/adjustments"
MANY = "/api/v1/adjustments/batch"
SKUS = "/api/v1/skus"
NDJSON = "application/x-ndjson"
GOOD = b'"store":"MK01","sku":"A1","reason":"receive"'
EVENT = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


@dataclass(frozen=True)
class Item:
    """One kind of bad input: what is sent, and what is answered."""

    name: str
    body: bytes
    status: int
    code: str
    place: str | None
    english: str
    chinese: str
    path: str = ONE
    media_type: str = "application/json"
    line: int | None = None


ITEMS = [
    Item("float", b'{%s,"change":1.5}' % GOOD, 400, "number_is_float", "#/change", "not exact", "浮點數"),
    Item("float that is whole", b'{%s,"change":2.0}' % GOOD, 400, "number_is_float", "#/change", "not exact", "浮點數"),
    Item(
        "integer above 2^53-1",
        b'{%s,"change":9007199254740992}' % GOOD,
        400,
        "integer_out_of_range",
        "#/change",
        "from -9007199254740991 to 9007199254740991",
        "介乎 -9007199254740991 至 9007199254740991",
    ),
    Item(
        "integer below -(2^53-1)",
        b'{%s,"change":-9007199254740992}' % GOOD,
        400,
        "integer_out_of_range",
        "#/change",
        "from -9007199254740991 to 9007199254740991",
        "介乎 -9007199254740991 至 9007199254740991",
    ),
    Item(
        "quantity beyond what a balance holds",
        b'{%s,"change":1000000000000000}' % GOOD,
        422,
        "quantity_too_large",
        "#/change",
        "too large",
        "數量太大",
    ),
    Item(
        "duplicate member",
        b'{%s,"change":1,"change":2}' % GOOD,
        400,
        "duplicate_member",
        "#/change",
        "stands twice",
        "重複的欄位名稱",
    ),
    Item(
        "duplicate member, nested",
        b'{%s,"change":1,"unit_price":{"amount":1,"amount":2,"currency":"HKD"}}' % GOOD,
        400,
        "duplicate_member",
        "#/unit_price/amount",
        "stands twice",
        "重複的欄位名稱",
    ),
    Item(
        "lone surrogate",
        b'{%s,"change":1,"note":"\\ud800"}' % GOOD,
        400,
        "lone_surrogate",
        "#/note",
        "half of a UTF-16 surrogate pair",
        "半個 UTF-16 代理碼",
    ),
    Item("NUL", b'{%s,"change":1,"note":"a\\u0000"}' % GOOD, 400, "nul_character", "#/note", "NUL", "NUL 字元"),
    Item(
        "64 KiB and more",
        b'{%s,"change":1,"note":"%s"}' % (GOOD, b"x" * 65_536),
        413,
        "body_too_large",
        None,
        "at most 65536 bytes",
        "最多只可有 65536 個位元組",
    ),
    Item(
        "a text beyond its bound",
        b'{%s,"change":1,"note":"%s"}' % (GOOD, b"x" * 1_001),
        422,
        "text_too_long",
        "#/note",
        "at most 1000 characters, got 1001",
        "最長 1000 個字元，現有 1001 個",
    ),
    Item("unknown member", b'{%s,"change":1,"qty":1}' % GOOD, 422, "member_unknown", "#/qty", "not known", "不認識"),
    Item("missing member", b"{%s}" % GOOD, 422, "member_missing", "#/change", "is missing", "欠缺"),
    Item(
        "time without zone",
        b'{%s,"change":1,"occurred_at":"2026-11-22T12:00:00"}' % GOOD,
        422,
        "time_without_zone",
        "#/occurred_at",
        "with its zone",
        "必須註明時區",
    ),
    Item(
        "date that does not exist",
        b'{%s,"change":1,"batch":"L1","expiry":"2027-02-30"}' % GOOD,
        422,
        "date_form",
        "#/expiry",
        "date that exists",
        "真實存在",
    ),
    Item(
        "occurred in the future",
        b'{%s,"change":1,"occurred_at":"2026-11-22T12:05:01+08:00"}' % GOOD,
        422,
        "time_in_future",
        "#/occurred_at",
        "at most 5 minutes ahead",
        "遲超過 5 分鐘",
    ),
    Item(
        "unknown store",
        b'{"store":"XX99","sku":"A1","reason":"receive","change":1}',
        422,
        "store_unknown",
        "#/store",
        "no store XX99",
        "沒有分店 XX99",
    ),
    Item(
        "unknown SKU",
        b'{"store":"MK01","sku":"A9","reason":"receive","change":1}',
        422,
        "sku_unknown",
        "#/sku",
        "no SKU A9",
        "沒有貨品編號 A9",
    ),
    Item(
        "unknown reason",
        b'{"store":"MK01","sku":"A1","reason":"magic","change":1}',
        422,
        "reason_unknown",
        "#/reason",
        "no reason magic",
        "沒有原因代碼 magic",
    ),
    Item(
        "wrong GTIN check digit",
        b'{"code":"N1","name_en":"New","unit":"piece","gtin":"4891234567890"}',
        422,
        "gtin_check_digit",
        "#/gtin",
        "check digit is wrong",
        "校驗碼不符",
        path=SKUS,
    ),
    Item(
        "less than nothing in stock",
        b'{"store":"MK01","sku":"A1","reason":"sale","change":-1}',
        409,
        "stock_negative",
        "#/change",
        "refuses negative stock",
        "不容許負存貨",
    ),
    Item(
        "NDJSON cut inside a row",
        b'{%s,"change":1}\n{%s,"cha' % (GOOD, GOOD),
        400,
        "ndjson_truncated",
        "#",
        "ends before its row does",
        "未完結便終止",
        path=MANY,
        media_type=NDJSON,
        line=2,
    ),
    Item(
        "NDJSON cut inside a character",
        b'{%s,"change":1}\n{"note":"\xe8\xb2' % GOOD,
        400,
        "ndjson_truncated",
        "#",
        "ends before its row does",
        "未完結便終止",
        path=MANY,
        media_type=NDJSON,
        line=2,
    ),
    Item(
        "fewer rows than announced",
        b'{%s,"change":1}\n' % GOOD,
        400,
        "row_count_differs",
        None,
        "announced 2 rows and brought 1",
        "註明有 2 行，實際收到 1 行",
        path=MANY + "?rows=2",
        media_type=NDJSON,
    ),
    Item(
        "a broken row in the middle of many",
        b'{%s,"change":1}\n{%s,"change":1.5}\n{%s,"change":1}\n' % (GOOD, GOOD, GOOD),
        400,
        "number_is_float",
        "#/change",
        "not exact",
        "浮點數",
        path=MANY,
        media_type=NDJSON,
        line=2,
    ),
    Item("Big5", '{"note":"貨品編號"}'.encode("big5"), 400, "wrong_encoding", None, "look like Big5", "似乎是 Big5"),
    Item(
        "UTF-16", '{"note":"貨品"}'.encode("utf-16"), 400, "wrong_encoding", None, "look like UTF-16", "似乎是 UTF-16"
    ),
    Item(
        "Big5, by its name",
        b"{}",
        415,
        "charset_unsupported",
        None,
        "names the charset big5",
        "字元集為 big5",
        media_type="application/json; charset=Big5",
    ),
    Item(
        "another form",
        b"store=MK01",
        415,
        "media_type_unsupported",
        None,
        "Send the body as application/json",
        "請以 application/json 傳送",
        media_type="application/x-www-form-urlencoded",
    ),
    Item("nothing", b"", 400, "body_missing", None, "none was sent", "沒有收到任何內容"),
    Item("not JSON", b"{store:1}", 400, "not_json", None, "line 1, column 2", "第 1 行第 2 個字元"),
    Item("not an object", b"[1]", 422, "object_expected", "#", "Expected an object", "必須是一個物件"),
    Item("no UUID", b'{%s,"change":1,"event_id":"7"}' % GOOD, 422, "event_id_form", "#/event_id", "UUID", "UUID"),
]


@pytest.mark.parametrize("item", ITEMS, ids=[item.name for item in ITEMS])
def test_bad_input_gets_its_own_problem_in_both_languages_and_nothing_is_written(desk: Desk, item: Item) -> None:
    size, everything = desk.size(), desk.everything()

    answers = [
        desk.call(
            "POST", item.path, content=item.body, headers={"Content-Type": item.media_type, "Accept-Language": tag}
        )
        for tag in ("en-GB", "zh-HK")
    ]

    assert_problem(answers, item)
    assert desk.size() == size
    assert desk.everything() == everything
    assert desk.balances(with_zero=True) == []


def assert_problem(answers: list[Any], item: Item) -> None:
    for answer, tag, wanted in zip(answers, ("en", "zh-Hant-HK"), (item.english, item.chinese), strict=True):
        problem = answer.json()
        assert (answer.status_code, problem["status"], problem["code"]) == (item.status, item.status, item.code)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["content-language"] == tag
        assert problem["type"].endswith(f"/problems/{item.code}")
        assert problem["title"]
        assert wanted in problem["detail"]
        if item.place is not None:
            fault = problem["errors"][0]
            assert (fault["pointer"], fault["code"], fault.get("line")) == (item.place, item.code, item.line)


def test_a_replayed_id_with_other_content_is_refused_and_names_the_first_entry(desk: Desk) -> None:
    body = {"store": "MK01", "sku": "A1", "reason": "receive", "change": 5, "event_id": str(EVENT)}
    first = desk.post(ONE, body).json()["index"]
    size = desk.size()

    english = desk.post(ONE, {**body, "change": 6})
    chinese = desk.post(ONE, {**body, "change": 6}, headers={"Accept-Language": "zh"})

    assert (english.status_code, english.json()["code"]) == (409, "event_id_reused")
    assert english.json()["index"] == first
    assert english.json()["errors"][0]["pointer"] == "#/event_id"
    assert str(first) in english.json()["detail"]
    assert f"第 {first} 項" in chinese.json()["detail"]
    assert desk.size() == size
    assert desk.held() == 5


Alter = Callable[[str], str]
TOKENS: list[tuple[str, Alter | float, str, str, str]] = [
    ("expired", -2.0, "token_expired", "has expired", "已過期"),
    (
        "altered in its claims",
        lambda t: t[:60] + ("A" if t[60] != "A" else "B") + t[61:],
        "token_invalid",
        "altered",
        "已被更改",
    ),
    (
        "altered in its signature",
        lambda t: t[:-2] + ("A" if t[-2] != "A" else "B") + t[-1],
        "token_invalid",
        "altered",
        "已被更改",
    ),
    ("cut", lambda t: t[:-5], "token_invalid", "altered", "已被更改"),
    ("without signature", lambda t: t.rsplit(".", 1)[0] + ".", "token_invalid", "altered", "已被更改"),
]


@pytest.mark.parametrize(
    ("alter", "code", "english", "chinese"), [row[1:] for row in TOKENS], ids=[row[0] for row in TOKENS]
)
def test_an_expired_or_altered_token_opens_nothing(
    desk: Desk, alter: Alter | float, code: str, english: str, chinese: str
) -> None:
    person = desk.person(Role.STAFF, (ScopeKind.STORE, "MK01"))
    token = desk.token_of(person, minutes=alter) if isinstance(alter, float) else alter(desk.token_of(person))
    body = {"store": "MK01", "sku": "A1", "reason": "receive", "change": 5}
    size = desk.size()

    answers = [desk.post(ONE, body, by=token, headers={"Accept-Language": tag}) for tag in ("en", "zh-Hant-HK")]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert [answer.json()["code"] for answer in answers] == [code, code]
    assert english in answers[0].json()["detail"]
    assert chinese in answers[1].json()["detail"]
    assert answers[0].headers["www-authenticate"] == 'Bearer realm="chopbook", error="invalid_token"'
    assert desk.size() == size
