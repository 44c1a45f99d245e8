"""Personal data is found where it stands, and its look-alikes are left alone."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.personal_data import scores
from policies.codes import Code
from policies.errors import InvalidValue
from policies.personal_data import (
    TEXT_CHARS_MAX,
    PersonalKind,
    as_identity_number,
    detect,
    hkid_check_digit,
    identity_numbers,
    is_personal_code,
    mask,
    mask_hkid,
    passes_luhn,
)
from policies.personal_words import HKID_WORDS, PHONE_CODE_WORDS
from policies.writing import require_name


def pieces(text: str, kind: PersonalKind) -> list[str]:
    return [text[found.start : found.stop] for found in detect(text, {kind})]


@pytest.mark.parametrize(
    ("letters", "digits", "check"),
    [("A", "123456", "3"), ("G", "123456", "A"), ("AB", "987654", "3"), ("C", "123456", "9"), ("L", "555555", "0")],
)
def test_check_digits_of_identity_cards(letters: str, digits: str, check: str) -> None:
    # By hand: A is 10, a missing first letter 36; weights 9 to 1; the sum is divisible by 11.
    values = ([36] if len(letters) == 1 else []) + [ord(letter) - 55 for letter in letters] + [int(d) for d in digits]
    total = sum(v * w for v, w in zip(values, range(9, 1, -1), strict=True)) + (10 if check == "A" else int(check))
    assert total % 11 == 0
    assert hkid_check_digit(letters, digits) == check


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A123456(3)", ["A123456(3)"]),
        ("身份證號碼：Ａ１２３４５６（３）", ["Ａ１２３４５６（３）"]),
        ("HKID No. a1234563", ["a1234563"]),
        ("SKU A1234563", []),
        ("A123456(4)", []),
        ("身份證號碼 A1234564", []),
        ("身份證號碼 A1234563 SKU A1234563", ["A1234563"]),
        ("身份證\nA1234563", []),
        ("XA123456(3)", []),
        ("BA123456(3)", []),
    ],
)
def test_an_identity_card_needs_its_check_digit_and_brackets_or_a_word(text: str, found: list[str]) -> None:
    assert pieces(text, PersonalKind.HKID) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("電話 91234567", ["91234567"]),
        ("(852) 2123-4567", ["(852) 2123-4567"]),
        ("9123 4567", ["9123 4567"]),
        ("91234567", []),
        ("採購單 9123 4567", []),
        ("商業登記 21234567-000", []),
        ("電話 12345678", []),
        ("Order 1 Tel 91234567", ["91234567"]),
        ("Tel Order 91234567", []),
        ("$2123 4567.00", []),
    ],
)
def test_a_phone_number_is_one_by_its_form_or_its_label(text: str, found: list[str]) -> None:
    assert pieces(text, PersonalKind.PHONE) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4111 1111 1111 1111 12/28", ["4111 1111 1111 1111"]),
        ("3782-822463-10005", ["3782-822463-10005"]),
        ("6011000990139424", ["6011000990139424"]),
        ("4111 1111 1111 1112", []),
        ("4890957587916", []),
        ("1234567812345670", []),
        ("411 1111 1111 11111", []),
        ("(01)4111111111111111", []),
    ],
)
def test_a_card_is_issued_checked_and_written_like_one(text: str, found: list[str]) -> None:
    assert pieces(text, PersonalKind.CARD) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("收貨人(Received by): 黃小明", ["黃小明"]),
        ("多謝歐陽志明先生", ["歐陽志明"]),
        ("Attn: Ms. Lee Mei Ling Tel 2123 4567", ["Lee Mei Ling"]),
        ("Contact: sales office", []),
        ("Contact Person: Blue Girl Beer", []),
        ("何首烏 1 箱", []),
        ("經手人：", []),
    ],
)
def test_a_name_stands_beside_a_title_or_a_label(text: str, found: list[str]) -> None:
    assert pieces(text, PersonalKind.NAME) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("送貨至香港鰂魚涌英皇道719號金運工業大廈15樓B室", ["香港鰂魚涌英皇道719號金運工業大廈15樓B室"]),
        ("Flat A, 12/F, 719 King's Road, Quarry Bay", ["Flat A, 12/F, 719 King's Road, Quarry Bay"]),
        ("彌敦道", []),
        ("味道 3 號", []),
        ("Road 66 Beer", []),
    ],
)
def test_an_address_has_a_way_and_a_number(text: str, found: list[str]) -> None:
    assert pieces(text, PersonalKind.ADDRESS) == found


def test_identity_cards_and_cards_are_masked_and_the_rest_stays() -> None:
    assert mask("持證人 A123456(3)，卡 4111 1111 1111 1111。") == "持證人 A123***(*)，卡 ＊＊＊。"
    assert mask("電話 91234567", {PersonalKind.PHONE}) == "電話 ＊＊＊"
    assert mask_hkid("ａｂ９８７６５４（３）") == "AB987***(*)"
    assert mask_hkid("") == "***(*)"


def test_what_overlaps_is_masked_once() -> None:
    text = "電話 9123 4567"
    assert mask(text, tuple(PersonalKind)) == "電話 ＊＊＊"


@pytest.mark.parametrize("number", ["79927398713", "4111111111111111", "0"])
def test_luhn(number: str) -> None:
    assert passes_luhn(number)
    assert not passes_luhn(number[:-1] + str((int(number[-1]) + 1) % 10))


@given(st.text(alphabet="陳先生收貨人：A1234567890()- \n香港九龍道號樓室MrChanTel電話身份證", max_size=300))
def test_findings_lie_inside_the_text_in_order_and_apart(text: str) -> None:
    found = detect(text)
    assert found == sorted(found)
    for kind in PersonalKind:
        spans = [(item.start, item.stop) for item in found if item.kind is kind]
        assert all(0 <= start < stop <= len(text) for start, stop in spans)
        assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
    assert not detect(mask(text), {PersonalKind.HKID, PersonalKind.CARD})


@pytest.mark.parametrize("piece", ["九龍", "1 ", "A ", "Contact ", "Kam Wan Building ", "陳", "4111 "])
def test_no_text_makes_it_slow(piece: str) -> None:
    def once(repeats: int) -> float:
        started = time.process_time()
        detect(piece * repeats)
        return time.process_time() - started

    def spent(repeats: int) -> float:
        # The least of three: a collection of garbage may fall into any of them.
        return min(once(repeats) for _ in range(3))

    # Eight times the text may not take sixty-four times as long.
    assert spent(16_000) < 24 * max(spent(2_000), 0.005)


def test_a_text_beyond_the_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="expected at most 2000000 characters"):
        detect("a" * (TEXT_CHARS_MAX + 1))


def test_precision_and_recall_on_the_seeded_set() -> None:
    for kind, count in scores(400, seed=7).items():
        assert count["false"] <= 2, kind
        assert count["missed"] <= 2, kind


STAFF_NUMBERS = {
    "P-26 2.8 number itself": ("A1234563", True),
    "P-26 2.8 with brackets": ("陳大文 A123456(3)", True),
    "P-26 2.8 lower case": ("a1234563", True),
    "P-26 2.8 two letters": ("AB9876543", True),
    "P-26 2.8 wrong check digit": ("A1234564", False),
    "P-26 2.8 own numbering": ("S-00412", False),
    "P-26 2.8 till": ("Till 3, Mong Kok", False),
}


@pytest.mark.parametrize(("name", "refused"), STAFF_NUMBERS.values(), ids=STAFF_NUMBERS.keys())
def test_no_name_or_staff_number_is_made_of_an_identity_card_number(name: str, refused: bool) -> None:
    if not refused:
        assert require_name(name, "label") == name
        return
    with pytest.raises(InvalidValue) as raised:
        require_name(name, "label")
    assert raised.value.code is Code.NAME_FROM_HKID


@pytest.mark.parametrize(
    "code",
    [
        "A123456(3)",
        "EMP-A123456(3)",
        "HKID-A1234563",
        "hkid_a1234563",
        "身份證A1234563",
        "ＨＫＩＤ　Ａ１２３４５６３",
        "+85298765432",
        "+852-9876-5432",
        "(852)98765432",
        "TEL98765432",
        "tel:9876-5432",
        "whatsapp_98765432",
        "電話98765432",
        *(f"{word}.23456789" for word in PHONE_CODE_WORDS),
        *(f"{word} A1234563" for word in HKID_WORDS),
    ],
)
def test_a_code_is_personal_where_it_says_so(code: str) -> None:
    assert is_personal_code(code)


@pytest.mark.parametrize(
    "code",
    ["A1234563", "A123456(4)", "2345-6789", "98765432", "85298765432", "PHONE-2345-6789", "HOTEL23456789", "INV-2026/0032",
     "POS-20261122-00123", "L2311 14:25", "GRID-20261234", "4891234567898", "HKID-A1234564", ""],
)  # fmt: skip
def test_a_code_of_the_trade_is_not_personal_though_it_looks_like_it(code: str) -> None:
    assert not is_personal_code(code)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("陳大文 身份證 A123456(3)，再見 a123456(3)", ["A1234563"]),
        ("HKID No. AB987654 3", ["AB9876543"]),
        ("貨號 A1234563", []),
        ("身份證 A123456(4)", []),
    ],
)
def test_identity_numbers_come_in_one_spelling(text: str, numbers: list[str]) -> None:
    assert identity_numbers(text) == numbers


@pytest.mark.parametrize(
    ("term", "number"),
    [
        ("A123456(3)", "A1234563"),
        (" a123 456 (3) ", "A1234563"),
        ("Ａ１２３４５６（３）", "A1234563"),
        ("A1234563", "A1234563"),
        ("A1234564", None),
        ("A1234563 陳", None),
        ("", None),
    ],
)
def test_a_term_is_an_identity_number_or_none(term: str, number: str | None) -> None:
    assert as_identity_number(term) == number
