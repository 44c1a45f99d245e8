"""What can be wrong with a stock request: stable codes, and the sentence for each in both languages.

- A code is part of the interface: it is never renamed and never given another meaning.
- A sentence says what is wrong, what was expected and, where it may be told, what was got. Its placeholders are the
  values of the error; both languages use the same ones.
- Chinese is Traditional Chinese as written in Hong Kong.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from policies.codes import Code as PolicyCode
from policies.model import Words
from policies.reasons import REASONS


class Code(StrEnum):
    """A stable name for one thing that can be wrong."""

    # The shape of what was sent.
    OBJECT_EXPECTED = "object_expected"
    LIST_EXPECTED = "list_expected"
    SHRINKAGE_PERIOD = "shrinkage_period"
    SHRINKAGE_TOO_MUCH = "shrinkage_too_much"
    LIST_EMPTY = "list_empty"
    LIST_TOO_LONG = "list_too_long"
    MEMBER_UNKNOWN = "member_unknown"
    MEMBER_MISSING = "member_missing"
    TEXT_EXPECTED = "text_expected"
    TEXT_EMPTY = "text_empty"
    TEXT_TOO_LONG = "text_too_long"
    TEXT_CHARACTERS = "text_characters"
    INTEGER_EXPECTED = "integer_expected"
    INTEGER_OUT_OF_RANGE = "integer_out_of_range"
    BOOLEAN_EXPECTED = "boolean_expected"
    CHOICE_UNKNOWN = "choice_unknown"
    NAME_MISSING = "name_missing"
    CODE_FORM = "code_form"
    CODE_PERSONAL = "code_personal"
    BATCH_FORM = "batch_form"
    REFERENCE_FORM = "reference_form"
    EVENT_ID_FORM = "event_id_form"
    # Times and dates.
    TIME_FORM = "time_form"
    TIME_WITHOUT_ZONE = "time_without_zone"
    TIME_IN_FUTURE = "time_in_future"
    TIME_TOO_EARLY = "time_too_early"
    DATE_FORM = "date_form"
    DATE_OUT_OF_RANGE = "date_out_of_range"
    # Quantities and money.
    NUMBER_IS_FLOAT = "number_is_float"
    QUANTITY_FORM = "quantity_form"
    QUANTITY_TOO_PRECISE = "quantity_too_precise"
    QUANTITY_TOO_LARGE = "quantity_too_large"
    QUANTITY_ZERO = "quantity_zero"
    QUANTITY_BELOW_ZERO = "quantity_below_zero"
    CURRENCY_UNKNOWN = "currency_unknown"
    AMOUNT_FORM = "amount_form"
    # Trade item numbers and scans.
    GTIN_FORM = "gtin_form"
    GTIN_CHECK_DIGIT = "gtin_check_digit"
    SCAN_UNREADABLE = "scan_unreadable"
    SCAN_WITHOUT_GTIN = "scan_without_gtin"
    SCAN_REPEATS_ELEMENT = "scan_repeats_element"
    SCAN_DISAGREES = "scan_disagrees"
    COUNT_SKU_OR_SCAN = "count_sku_or_scan"
    # Things that are not there.
    STORE_UNKNOWN = "store_unknown"
    SKU_UNKNOWN = "sku_unknown"
    GTIN_UNKNOWN = "gtin_unknown"
    LOT_UNKNOWN = "lot_unknown"
    LOT_NOT_RECORDED = "lot_not_recorded"
    REASON_UNKNOWN = "reason_unknown"
    ENTRY_UNKNOWN = "entry_unknown"
    STOCKTAKE_UNKNOWN = "stocktake_unknown"
    DOCUMENT_UNKNOWN = "document_unknown"
    # What the state of things does not allow.
    REASON_RETIRED = "reason_retired"
    REASON_DIRECTION_IN = "reason_direction_in"
    REASON_DIRECTION_OUT = "reason_direction_out"
    REASON_EXISTS = "reason_exists"
    LOT_REQUIRED = "lot_required"
    LOT_NOT_TRACKED = "lot_not_tracked"
    LOT_EXPIRY_DIFFERS = "lot_expiry_differs"
    LOT_EXISTS = "lot_exists"
    EXPIRY_WITHOUT_BATCH = "expiry_without_batch"
    SKU_EXISTS = "sku_exists"
    GTIN_TAKEN = "gtin_taken"
    LOT_TRACKING_IN_USE = "lot_tracking_in_use"
    STOCK_NEGATIVE = "stock_negative"
    APPROVAL_NEEDED = "approval_needed"
    BALANCE_TOO_LARGE = "balance_too_large"
    NOTHING_CHANGED = "nothing_changed"
    NOT_CORRECTABLE = "not_correctable"
    ALREADY_CORRECTED = "already_corrected"
    STOCKTAKE_IS_OPEN = "stocktake_is_open"
    STOCKTAKE_NOT_OPEN = "stocktake_not_open"
    STOCKTAKE_FULL = "stocktake_full"
    STOCKTAKE_EMPTY = "stocktake_empty"
    # One row of many.
    EVENT_ID_REUSED = "event_id_reused"
    EVENT_ID_TWICE = "event_id_twice"
    STORE_NOT_PERMITTED = "store_not_permitted"
    BATCH_REFUSED = "batch_refused"


SENTENCES: Final[dict[Code, Words]] = {
    Code.OBJECT_EXPECTED: Words("這裏必須是一個物件。", "Expected an object here, got another kind of value."),
    Code.SHRINKAGE_PERIOD: Words(
        "損耗報告須由較早的月份至同月或較後的月份，最多 {max} 個月。",
        "A report of shrinkage is from a month to the same or a later one, at most {max} months.",
    ),
    Code.SHRINKAGE_TOO_MUCH: Words(
        "這段期間的損耗紀錄超過 {max} 項；請縮短期間或指明分店。",
        "There are more than {max} losses in these months: ask for fewer months, or for one store.",
    ),
    Code.LIST_EXPECTED: Words("這裏必須是一個清單。", "Expected a list here, got another kind of value."),
    Code.LIST_EMPTY: Words("清單不可為空，至少要有一項。", "Expected at least one item, got an empty list."),
    Code.LIST_TOO_LONG: Words(
        "清單最多 {max} 項，現有 {got} 項。",
        "Expected at most {max} items, got {got}.",
    ),
    Code.MEMBER_UNKNOWN: Words(
        "不認識這個欄位。可用的欄位：{expected}。",
        "This member is not known. Expected one of: {expected}.",
    ),
    Code.MEMBER_MISSING: Words("欠缺這個必填欄位。", "This member is required, and it is missing."),
    Code.TEXT_EXPECTED: Words("這裏必須是文字。", "Expected text here, got another kind of value."),
    Code.TEXT_EMPTY: Words("文字不可空白。", "Expected text, got nothing or only spaces."),
    Code.TEXT_TOO_LONG: Words(
        "文字最長 {max} 個字元，現有 {got} 個。",
        "Expected at most {max} characters, got {got}.",
    ),
    Code.TEXT_CHARACTERS: Words(
        "文字不可含有控制字元、隱藏字元或不完整的字元，首尾不可有空格。",
        "Expected visible characters without a space at either end, got a control, hidden or broken character or such a space.",
    ),
    Code.INTEGER_EXPECTED: Words("這裏必須是整數。", "Expected a whole number, got another kind of value."),
    Code.INTEGER_OUT_OF_RANGE: Words(
        "數值必須介乎 {min} 至 {max}。",
        "Expected a whole number from {min} to {max}, got one outside.",
    ),
    Code.BOOLEAN_EXPECTED: Words("這裏必須是 true 或 false。", "Expected true or false, got another kind of value."),
    Code.CHOICE_UNKNOWN: Words(
        "必須是以下其中之一：{expected}。",
        "Expected one of: {expected}; got another value.",
    ),
    Code.NAME_MISSING: Words(
        "中文名稱和英文名稱至少要填一個。",
        "Expected a Chinese name, an English name or both, got neither.",
    ),
    Code.CODE_FORM: Words(
        "編號格式不符。應為 {expected}。",
        "The code has the wrong form. Expected {expected}.",
    ),
    Code.CODE_PERSONAL: REASONS[PolicyCode.CODE_PERSONAL],
    Code.BATCH_FORM: Words(
        "批次編號須為 1 至 {max} 個可見字元，首尾不可有空格。",
        "Expected a batch number of 1 to {max} visible characters without a space at either end.",
    ),
    Code.REFERENCE_FORM: Words(
        "參考編號須為 1 至 {max} 個英文字母、數字或 . _ / # : + -，並最少含一個數字；姓名等個人資料請寫在備註。",
        "Expected a reference of 1 to {max} letters, digits or . _ / # : + - with at least one digit; "
        "names and other personal data belong in the note.",
    ),
    Code.EVENT_ID_FORM: Words(
        "事件編號必須是 UUID（36 個字元），而且不可全為零。",
        "Expected a UUID of 36 characters that is not all zeros.",
    ),
    Code.TIME_FORM: Words(
        "時間格式應如 2026-11-22T20:00:00+08:00（RFC 3339），而且必須真實存在。",
        "Expected a time that exists, such as 2026-11-22T20:00:00+08:00 (RFC 3339).",
    ),
    Code.TIME_WITHOUT_ZONE: Words(
        "時間必須註明時區，例如 +08:00 或 Z。",
        "Expected a time with its zone, such as +08:00 or Z; got one without.",
    ),
    Code.TIME_IN_FUTURE: Words(
        "發生時間不可比現在遲超過 {minutes} 分鐘。",
        "Expected a time at most {minutes} minutes ahead of now, got a later one.",
    ),
    Code.TIME_TOO_EARLY: Words(
        "發生時間不可早於 {earliest}。",
        "Expected a time not before {earliest}, got an earlier one.",
    ),
    Code.DATE_FORM: Words(
        "日期格式應如 2026-11-22，而且必須真實存在。",
        "Expected a date that exists, such as 2026-11-22.",
    ),
    Code.DATE_OUT_OF_RANGE: Words(
        "日期必須介乎 {min} 至 {max}。",
        "Expected a date from {min} to {max}, got one outside.",
    ),
    Code.NUMBER_IS_FLOAT: Words(
        '不接受浮點數，因為會有誤差；請用整數，或以文字寫出小數，例如 "1.5"。',
        'Floating-point numbers are not exact and not taken: send a whole number, or a decimal as text, such as "1.5".',
    ),
    Code.QUANTITY_FORM: Words(
        '數量必須是整數，或以文字寫出的小數，例如 "1.5"。',
        'Expected a whole number, or a decimal as text such as "1.5".',
    ),
    Code.QUANTITY_TOO_PRECISE: Words(
        "此貨品的數量最多 {scale} 位小數。",
        "Quantities of this SKU have at most {scale} decimal places, got more.",
    ),
    Code.QUANTITY_TOO_LARGE: Words(
        "數量太大，不可超過 {max}。",
        "The quantity is too large: expected at most {max} either way.",
    ),
    Code.QUANTITY_ZERO: Words("數量不可為零。", "Expected a quantity other than zero, got zero."),
    Code.QUANTITY_BELOW_ZERO: Words("盤點數量不可少於零。", "Expected a count of zero or more, got less."),
    Code.CURRENCY_UNKNOWN: Words(
        "貨幣必須是 ISO 4217 的三個大寫字母，例如 HKD。",
        "Expected an ISO 4217 currency in three capital letters, such as HKD.",
    ),
    Code.AMOUNT_FORM: Words(
        "金額必須是零或以上的數目，小數最多 {exponent} 位。",
        "Expected an amount of zero or more with at most {exponent} decimal places.",
    ),
    Code.GTIN_FORM: Words(
        "國際貿易貨品編號（GTIN）必須是 8、12、13 或 14 位數字，不可全為零。",
        "Expected a GTIN of 8, 12, 13 or 14 digits, not all zero.",
    ),
    Code.GTIN_CHECK_DIGIT: Words(
        "國際貿易貨品編號（GTIN）的校驗碼不符，請再核對或重新掃描。",
        "The GTIN's check digit is wrong: check the number, or scan again.",
    ),
    Code.SCAN_UNREADABLE: Words(
        "無法解讀掃描內容；應為 GTIN、GS1 條碼內容或 GS1 Digital Link。",
        "The scan cannot be read: expected a GTIN, a GS1 element string or a GS1 Digital Link.",
    ),
    Code.SCAN_WITHOUT_GTIN: Words(
        "掃描內容沒有貨品編號，應用識別碼 (01) 從缺。",
        "The scan names no trade item: expected application identifier (01), got none.",
    ),
    Code.SCAN_REPEATS_ELEMENT: Words(
        "掃描內容中應用識別碼 ({ai}) 出現多過一次而內容不同。",
        "Application identifier ({ai}) is in the scan more than once, with different values.",
    ),
    Code.SCAN_DISAGREES: Words(
        "此欄與掃描內容不符。",
        "This member differs from what the scan says.",
    ),
    Code.COUNT_SKU_OR_SCAN: Words(
        "每項盤點必須只填貨品編號或掃描內容其中一個。",
        "Expected either a SKU or a scan for each count, got both or neither.",
    ),
    Code.STORE_UNKNOWN: Words("沒有分店 {store}。", "There is no store {store}."),
    Code.SKU_UNKNOWN: Words("沒有貨品編號 {sku}。", "There is no SKU {sku}."),
    Code.GTIN_UNKNOWN: Words(
        "沒有貨品使用條碼編號 {gtin}。",
        "No SKU has the GTIN {gtin}.",
    ),
    Code.LOT_UNKNOWN: Words(
        "貨品 {sku} 沒有批次 {batch}；請與貨品上的批次編號核對。如屬新到的批次，請在入貨時一併填上到期日，或先建立批次。",
        "SKU {sku} has no lot {batch}: compare the number with the goods. A new lot comes with its expiry date on goods that come in, or is "
        "created first.",
    ),
    Code.LOT_NOT_RECORDED: Words(
        "貨品 {sku} 沒有批次 {batch} 的紀錄。請與貨品上的批次編號逐字核對（例如 O 與 0、I 與 1）；"
        "/api/v1/lots?sku={sku} 列出全部批次。入貨時沒有填寫批次的貨品不屬任何批次，請查閱該貨品的紀錄。",
        "No lot {batch} of SKU {sku} was ever recorded. Compare the number with the goods, letter by letter (O and 0, I and 1); "
        "/api/v1/lots?sku={sku} lists the lots there are. Goods that came in without a batch number are in no lot: look at the SKU's entries.",
    ),
    Code.REASON_UNKNOWN: Words(
        "沒有原因代碼 {reason}；/api/v1/reasons 列出全部。",
        "There is no reason {reason}; /api/v1/reasons lists those there are.",
    ),
    Code.ENTRY_UNKNOWN: Words("紀錄中沒有第 {index} 項。", "The log has no entry {index}."),
    Code.STOCKTAKE_UNKNOWN: Words("沒有盤點 {stocktake}。", "There is no stocktake {stocktake}."),
    Code.DOCUMENT_UNKNOWN: Words("沒有此文件。", "There is no such document."),
    Code.REASON_RETIRED: Words("原因 {reason} 已停用。", "The reason {reason} is no longer in use."),
    Code.REASON_DIRECTION_IN: Words(
        "原因 {reason} 只可增加存貨，數量必須大於零。",
        "The reason {reason} adds stock: expected a quantity above zero.",
    ),
    Code.REASON_DIRECTION_OUT: Words(
        "原因 {reason} 只可減少存貨，數量必須小於零。",
        "The reason {reason} takes stock away: expected a quantity below zero.",
    ),
    Code.REASON_EXISTS: Words("原因代碼 {reason} 已存在。", "The reason {reason} exists already."),
    Code.LOT_REQUIRED: Words(
        "貨品 {sku} 必須註明批次編號。",
        "SKU {sku} is tracked by lot: a batch number is required.",
    ),
    Code.LOT_NOT_TRACKED: Words(
        "貨品 {sku} 不作批次追蹤，不可填批次編號。",
        "SKU {sku} is not tracked by lot: no batch number can be given.",
    ),
    Code.LOT_EXPIRY_DIFFERS: Words(
        "貨品 {sku} 批次 {batch} 的到期日為 {expiry}，與所填不符。",
        "Lot {batch} of SKU {sku} expires {expiry}, not on the date given.",
    ),
    Code.LOT_EXISTS: Words(
        "貨品 {sku} 的批次 {batch} 已存在。",
        "Lot {batch} of SKU {sku} exists already.",
    ),
    Code.EXPIRY_WITHOUT_BATCH: Words(
        "填了到期日，就必須填批次編號。",
        "An expiry date needs the batch number it belongs to.",
    ),
    Code.SKU_EXISTS: Words("貨品編號 {sku} 已存在。", "SKU {sku} exists already."),
    Code.GTIN_TAKEN: Words(
        "條碼編號 {gtin} 已屬於貨品 {sku}。",
        "The GTIN {gtin} belongs to SKU {sku} already.",
    ),
    Code.LOT_TRACKING_IN_USE: Words(
        "貨品 {sku} 在分店 {store} 仍有存貨，未能更改批次追蹤方式。",
        "Store {store} still holds stock of SKU {sku} that the other way of lot tracking could not name.",
    ),
    Code.STOCK_NEGATIVE: Words(
        "分店 {store} 的貨品 {sku} 現有 {before}，調整 {change} 後會變成 {after}；此分店不容許負存貨。",
        "Store {store} holds {before} of SKU {sku}; {change} would leave {after}, and this store refuses negative stock.",
    ),
    Code.APPROVAL_NEEDED: Words(
        "分店 {store} 每次調整超過 {above} 個單位，須由另一人批核；請逐項提交。",
        "At store {store} a movement of more than {above} units waits for another person's approval: send it by itself.",
    ),
    Code.BALANCE_TOO_LARGE: Words(
        "調整後的存貨超出 {max} 的上限。",
        "The balance would pass the limit of {max}.",
    ),
    Code.NOTHING_CHANGED: Words(
        "內容與現況相同，沒有需要更改的地方。",
        "Nothing would change: this is how it stands already.",
    ),
    Code.NOT_CORRECTABLE: Words(
        "第 {index} 項不是存貨調整，不能更正。",
        "Entry {index} is not a stock adjustment, so it cannot be corrected.",
    ),
    Code.ALREADY_CORRECTED: Words(
        "第 {index} 項已由第 {by} 項更正；如要再改，請更正第 {by} 項。",
        "Entry {index} was corrected by entry {by}; to change it again, correct entry {by}.",
    ),
    Code.STOCKTAKE_IS_OPEN: Words(
        "分店 {store} 已有進行中的盤點 {stocktake}。",
        "Store {store} has an open stocktake already: {stocktake}.",
    ),
    Code.STOCKTAKE_NOT_OPEN: Words(
        "盤點 {stocktake} 已結束或取消。",
        "Stocktake {stocktake} is not open any more.",
    ),
    Code.STOCKTAKE_FULL: Words(
        "盤點 {stocktake} 最多 {max} 項；請分開盤點。",
        "Stocktake {stocktake} holds at most {max} lines: split it.",
    ),
    Code.STOCKTAKE_EMPTY: Words(
        "盤點 {stocktake} 尚未有任何點數；請先點數，或取消盤點。",
        "Stocktake {stocktake} has no count yet: count something, or cancel it.",
    ),
    Code.EVENT_ID_REUSED: Words(
        "此事件編號已用於第 {index} 項，內容不同。",
        "This event id belongs to entry {index}, which says something else.",
    ),
    Code.EVENT_ID_TWICE: Words(
        "此事件編號在同一批的第 {row} 行已出現，內容不同。",
        "This event id is in row {row} of the same call too, with other content.",
    ),
    Code.STORE_NOT_PERMITTED: Words(
        "你沒有權限處理分店 {store}。",
        "You may not do this at store {store}.",
    ),
    Code.BATCH_REFUSED: Words(
        "共 {rows} 行，其中 {refused} 行不能接受，因此全部沒有寫入。",
        "{refused} of {rows} rows were refused, so none was applied.",
    ),
}
