"""Plain text and CSV: which encoding, and whether it is text at all.

An encoding is recognised by proof where there is one (a byte-order mark, valid UTF-8) and else, between Big5 and GBK,
by which one yields characters that Chinese business papers use. Where that does not decide, the file is refused by
name: a wrong guess would put wrong text on record.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import TYPE_CHECKING, BinaryIO, Final

from documents.checking.codes import Code, refuse
from documents.checking.model import Checked, CheckLimits, Finding, MediaType
from documents.checking.signatures import has_markup

if TYPE_CHECKING:
    from collections.abc import Iterable

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, ""),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f\ufffe\uffff]")
_FORMULA: Final = re.compile(r"^[=+\-@\t\r](?![\d.,\s%()-]*$)")
COLUMNS_MAX: Final = 1_000
CELL_CHARS_MAX: Final = 65_536

# Frequent characters of letters, forms and goods lists, traditional and simplified.
_TRADITIONAL: Final = frozenset(
    "的一是不了在有人我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作里用道行所然家種事成方多經麼去法學如都"
    "同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日月號單貨商品名稱數量單位價金額合計總備註供應收送訂購發票客戶電話地址公司"
    "有限批次到期香港九龍新界店舖倉庫退換驗收簽署經手付款現金支票銀行帳號編號規格產地箱包件支瓶罐盒袋公斤克元正請查核對無誤謝謝日期"
)
_SIMPLIFIED: Final = frozenset(
    "的一是不了在有人我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都"
    "同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日月号单货商品名称数量单位价金额合计总备注供应收送订购发票客户电话地址公司"
    "有限批次到期香港九龙新界店铺仓库退换验收签署经手付款现金支票银行账号编号规格产地箱包件支瓶罐盒袋公斤克元正请查核对无误谢谢日期"
)
_CLEAR_LEAD: Final = 1.5


def check_text(file: BinaryIO, size: int, media_type: MediaType, limits: CheckLimits, name: str) -> Checked:
    """What is known of a text file.

    Raises:
        Refused: `file_too_large`, `text_encoding_unknown`, `text_control_characters`, `active_text` or `too_complex`.
    """
    if size > limits.text_max:
        refuse(Code.FILE_TOO_LARGE, limit_mb=limits.text_max // (1024 * 1024))
    file.seek(0)
    raw = file.read(size)
    encoding = recognise_encoding(raw)
    text = raw.decode(encoding)
    if _CONTROLS.search(text):
        refuse(Code.TEXT_CONTROL_CHARACTERS)
    if has_markup(text.encode("utf-8", "replace")):
        refuse(Code.ACTIVE_TEXT)
    if text.lstrip("\ufeff \t\r\n").startswith(("#!", "%PDF-", "%!PS")):
        refuse(Code.PROGRAM)
    findings = _formulas(text) if media_type == MediaType.CSV else ()
    return Checked(media_type, "", name, size, encoding=encoding, findings=findings)


def recognise_encoding(raw: bytes) -> str:
    """The encoding of a text: `utf-8`, `utf-8-sig`, `utf-16`, `utf-16-le`, `utf-16-be`, `big5hkscs` or `gb18030`.

    Raises:
        Refused: `text_encoding_unknown`.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark) and not raw.startswith(codecs.BOM_UTF32_LE):
            if not _decodes(raw, encoding):
                refuse(Code.TEXT_ENCODING_UNKNOWN)
            return encoding
    if _decodes(raw, "utf-8") and b"\0" not in raw:
        return "utf-8"
    if b"\0" in raw:
        return _wide(raw)
    return _chinese(raw)


def _wide(raw: bytes) -> str:
    """UTF-16 without its mark: the zero bytes of ASCII and spaces all stand on one side."""
    even, odd = raw[0::2].count(0), raw[1::2].count(0)
    encoding = "utf-16-be" if even else "utf-16-le"
    if (even and odd) or len(raw) % 2 or not _decodes(raw, encoding):
        refuse(Code.TEXT_CONTROL_CHARACTERS)
    return encoding


def _chinese(raw: bytes) -> str:
    scores = {}
    for encoding, common in (("big5hkscs", _TRADITIONAL), ("gb18030", _SIMPLIFIED)):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        scores[encoding] = _plausibility(text, common)
    ranked = sorted(scores.items(), key=lambda each: -each[1])
    if not ranked or ranked[0][1] <= 0:
        refuse(Code.TEXT_ENCODING_UNKNOWN)
    if len(ranked) > 1 and ranked[0][1] < _CLEAR_LEAD * max(ranked[1][1], 0.02):
        refuse(Code.TEXT_ENCODING_UNKNOWN)
    return ranked[0][0]


def _plausibility(text: str, common: frozenset[str]) -> float:
    """The share of a text's own characters that are frequent; private, rare and odd ones count against it."""
    letters = [each for each in text if each > "\x7f"]
    if not letters:
        return 0.0
    good = sum(each in common for each in letters)
    bad = sum("\ue000" <= each <= "\uf8ff" or each > "\uffff" or not each.isprintable() for each in letters)
    return (good - 2 * bad) / len(letters)


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _formulas(text: str) -> tuple[Finding, ...]:
    count = 0
    for row in _rows(text):
        if len(row) > COLUMNS_MAX or any(len(cell) > CELL_CHARS_MAX for cell in row):
            refuse(Code.TOO_COMPLEX, what="CSV")
        count += sum(_FORMULA.match(cell) is not None for cell in row)
    return (Finding(Code.CSV_FORMULAS, {"count": count}),) if count else ()


def _rows(text: str) -> Iterable[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""))
    except csv.Error:
        refuse(Code.TOO_COMPLEX, what="CSV")
