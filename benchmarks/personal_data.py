"""How much personal data is found, and how much is found that is none: `python -m benchmarks.personal_data`.

A seeded set of lines as they stand on Hong Kong paperwork, half with personal data and half with what looks like it:
stock codes that pass the check digit of an identity card, order numbers that are valid telephone numbers, GTINs, dates,
registration numbers, product names that begin with a surname. The words are chosen here, apart from the detector's.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable

from policies.personal_data import PersonalKind, detect, hkid_check_digit, passes_luhn

Line = tuple[str, PersonalKind | None, str]
"""A text, what is in it, and the exact piece."""

SURNAMES = "陳黃李梁張林何劉鄭郭葉周許蘇馮曾"
GIVEN = "志明家慧嘉欣偉強淑芬俊傑詠詩國榮美玲建華曉彤子軒穎琳"
ROMAN = ("CHAN", "Wong", "Leung", "Cheung", "Lam", "Ho", "Tsang", "Yip", "Kwok", "Au-Yeung", "Szeto")
ROMAN_GIVEN = ("Tai Man", "Siu Ming", "Ka Wai", "Mei Ling", "Wing Sze", "Chi Keung", "Hoi Yan")
PRODUCTS = (
    "黃糖",
    "何首烏",
    "馬鈴薯",
    "高麗參",
    "江瑤柱",
    "白蘭地",
    "雷公根",
    "石斛",
    "李錦記蠔油",
    "王老吉",
    "余仁生燕窩",
)
STREETS = ("彌敦道", "英皇道", "軒尼詩道", "青山公路", "皇后大道中", "大埔道", "太子道西", "荃灣沙咀道", "觀塘鴻圖道")
BUILDINGS = ("興業大廈", "金運工業大廈", "美孚新邨", "太古城中心", "德福花園", "康怡閣", "海景大廈")
STREETS_EN = ("Nathan Road", "King's Road", "Hennessy Road", "Castle Peak Road", "Canton Road", "Des Voeux Road West")
DISTRICTS_EN = ("Mong Kok", "Quarry Bay", "Wan Chai", "Tsuen Wan", "Kowloon Bay")


def digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def hkid_number(chance: random.Random) -> tuple[str, str, str]:
    letters = "".join(chance.choice("ABCDEGHKMPRVWYZ") for _ in range(chance.choice((1, 1, 1, 2))))
    number = digits(chance, 6)
    return letters, number, hkid_check_digit(letters, number)


def hkid(chance: random.Random) -> Line:
    letters, number, check = hkid_number(chance)
    shown, bare = f"{letters}{number}({check})", f"{letters}{number}{check}"
    return chance.choice(
        [
            (f"身份證號碼：{shown}", PersonalKind.HKID, shown),
            (f"HKID No.: {bare}", PersonalKind.HKID, bare),
            (f"簽收 {shown} 已核對", PersonalKind.HKID, shown),
            (f"持證人 {letters} {number}({check})", PersonalKind.HKID, f"{letters} {number}({check})"),
            (f"Identity Card No {shown.lower()}", PersonalKind.HKID, shown.lower()),
        ]
    )


def no_hkid(chance: random.Random) -> Line:
    letters, number, check = hkid_number(chance)
    wrong = "0123456789A"[("0123456789A".index(check) + chance.randrange(1, 11)) % 11]
    return chance.choice(
        [
            (f"貨品編號 {letters}{number}{check}", None, ""),
            (f"SKU {letters}{number}{check} x 12", None, ""),
            (f"批號 {letters}{number}({wrong})", None, ""),
            (f"{letters}{number}{check} 洗頭水 400ml", None, ""),
        ]
    )


def phone(chance: random.Random) -> Line:
    head, tail = chance.choice(("9123", "6123", "5384", "2123", "3188", "2771", "9876")), digits(chance, 4)
    return chance.choice(
        [
            (f"電話: {head}{tail}", PersonalKind.PHONE, f"{head}{tail}"),
            (f"Tel {head} {tail} Fax", PersonalKind.PHONE, f"{head} {tail}"),
            (f"聯絡 陳先生 (852) {head}-{tail}", PersonalKind.PHONE, f"(852) {head}-{tail}"),
            (f"WhatsApp +852 {head} {tail}", PersonalKind.PHONE, f"+852 {head} {tail}"),
            (f"手提：{head}-{tail}", PersonalKind.PHONE, f"{head}-{tail}"),
        ]
    )


def no_phone(chance: random.Random) -> Line:
    tail = digits(chance, 4)
    return chance.choice(
        [
            (f"採購單號 6123{tail}", None, ""),
            (f"Invoice No. 9{digits(chance, 7)}", None, ""),
            (f"商業登記證號碼 2123{tail}-000", None, ""),
            (f"日期 2026{chance.randint(1, 12):02}{chance.randint(1, 28):02}", None, ""),
            (f"489{digits(chance, 10)} 5123{tail}.50", None, ""),
            (f"批次 5384{tail}", None, ""),
        ]
    )


def card(chance: random.Random) -> Line:
    head = chance.choice(("4", "51", "62", "3530"))
    body = head + digits(chance, 15 - len(head))
    number = next(body + check for check in "0123456789" if passes_luhn(body + check))
    spaced = " ".join(number[at : at + 4] for at in range(0, 16, 4))
    return chance.choice(
        [
            (f"VISA {spaced} 有效期 12/28", PersonalKind.CARD, spaced),
            (f"信用卡 {number}", PersonalKind.CARD, number),
            (f"付款卡號：{spaced.replace(' ', '-')}", PersonalKind.CARD, spaced.replace(" ", "-")),
        ]
    )


def no_card(chance: random.Random) -> Line:
    return chance.choice(
        [
            (f"條碼 489{digits(chance, 10)}", None, ""),
            (f"(00){digits(chance, 18)}", None, ""),
            (f"4{digits(chance, 3)} 1 12 {digits(chance, 4)}", None, ""),
            (f"參考 99{digits(chance, 14)}", None, ""),
        ]
    )


def name(chance: random.Random) -> Line:
    zh = chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, chance.choice((1, 2, 2, 2))))
    en = f"{chance.choice(ROMAN)} {chance.choice(ROMAN_GIVEN)}"
    return chance.choice(
        [
            (f"收貨人：{zh}", PersonalKind.NAME, zh),
            (f"經手人 {zh} 日期", PersonalKind.NAME, zh),
            (f"多謝{zh}先生惠顧", PersonalKind.NAME, zh),
            (f"致：{zh}女士", PersonalKind.NAME, zh),
            (f"Received by: {en}", PersonalKind.NAME, en),
            (f"Attn: Ms. {en} Tel", PersonalKind.NAME, en),
        ]
    )


def no_name(chance: random.Random) -> Line:
    product = chance.choice(PRODUCTS)
    return chance.choice(
        [
            (f"{product} {digits(chance, 2)} 箱", None, ""),
            ("經手人：                ", None, ""),
            ("收貨人簽署及公司印鑑", None, ""),
            ("Prepared by: Accounts Department", None, ""),
            ("Contact: sales office", None, ""),
            (f"倉存 {product}", None, ""),
        ]
    )


def address(chance: random.Random) -> Line:
    number, floor, unit = chance.randint(1, 800), chance.randint(1, 40), chance.choice("ABCDE")
    street, building = chance.choice(STREETS), chance.choice(BUILDINGS)
    zh = f"{street}{number}號{building}{floor}樓{unit}室"
    en = f"{number} {chance.choice(STREETS_EN)}, {chance.choice(DISTRICTS_EN)}"
    return chance.choice(
        [
            (f"地址：九龍{zh}", PersonalKind.ADDRESS, f"九龍{zh}"),
            (f"送貨至 香港{zh}", PersonalKind.ADDRESS, f"香港{zh}"),
            (f"Flat {unit}, {floor}/F, {en}", PersonalKind.ADDRESS, f"Flat {unit}, {floor}/F, {en}"),
            (f"Shop {floor}, G/F, {en}", PersonalKind.ADDRESS, f"Shop {floor}, G/F, {en}"),
        ]
    )


def no_address(chance: random.Random) -> Line:
    return chance.choice(
        [
            (f"街坊裝米 {digits(chance, 2)} 包", None, ""),
            ("檢驗中心", None, ""),
            (f"第 {digits(chance, 1)} 頁，共 3 頁", None, ""),
            ("12 Road Bike Tyre", None, ""),
            (f"味道 3 號 {digits(chance, 3)}g", None, ""),
        ]
    )


MAKERS: dict[PersonalKind, tuple[Callable[[random.Random], Line], Callable[[random.Random], Line]]] = {
    PersonalKind.HKID: (hkid, no_hkid),
    PersonalKind.PHONE: (phone, no_phone),
    PersonalKind.CARD: (card, no_card),
    PersonalKind.NAME: (name, no_name),
    PersonalKind.ADDRESS: (address, no_address),
}


def scores(lines: int, seed: int) -> dict[PersonalKind, Counter[str]]:
    """How often each kind was found rightly, partly, wrongly, or missed."""
    chance = random.Random(seed)
    counts: dict[PersonalKind, Counter[str]] = {kind: Counter() for kind in PersonalKind}
    for kind, makers in MAKERS.items():
        for number in range(lines):
            text, truth, piece = makers[number % 2](chance)
            found = [text[item.start : item.stop] for item in detect(text, {kind})]
            if truth is None:
                counts[kind]["false"] += len(found)
            else:
                whole, part = piece in found, any(item in piece or piece in item for item in found)
                counts[kind]["whole" if whole else "part" if part else "missed"] += 1
                counts[kind]["false"] += sum(item not in piece and piece not in item for item in found)
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=4000, help="lines of each kind; half hold it")
    parser.add_argument("--seed", type=int, default=20261122)
    chosen = parser.parse_args()
    started = time.process_time()
    counts = scores(chosen.lines, chosen.seed)
    spent = time.process_time() - started
    sys.stdout.write(f"{'kind':<10}{'precision':>10}{'recall':>10}{'found whole':>13}\n")
    for kind, count in counts.items():
        hits, truths = count["whole"] + count["part"], count["whole"] + count["part"] + count["missed"]
        sys.stdout.write(
            f"{kind.value:<10}{hits / max(1, hits + count['false']):>10.4f}{hits / truths:>10.4f}{count['whole'] / truths:>13.4f}\n"
        )
    each = spent / (chosen.lines * len(counts)) * 1e6
    sys.stdout.write(f"{each:.1f} us CPU a line, one kind at a time; seed {chosen.seed}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
