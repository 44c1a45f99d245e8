"""What can be wrong with a file, its mapping or a row of it: the sentence for each, in both languages.

- A sentence says what, what was expected and what was got. Both languages use the same placeholders.
- Names of fields and members stay as the mapping writes them; Chinese is Traditional Chinese as written in Hong Kong.
- What the stock room refuses of a row has its own sentences (`stock.sentences`), and so has what the mapping rejects.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from policies.model import Words


class Said(StrEnum):
    """A name for one sentence. Programs go by a rejection's `code`, which is another thing."""

    # A row.
    VALUE_EMPTY = "value_empty"
    NUMBER_EMPTY = "number_empty"
    NUMBER_FORM = "number_form"
    CURRENCY_FORM = "currency_form"
    DATE_FORM = "date_form"
    TIME_FORM = "time_form"
    TIME_WITHOUT_ZONE = "time_without_zone"
    TIME_SKIPPED = "time_skipped"
    TIME_TWICE = "time_twice"
    VALUE_UNLISTED = "value_unlisted"
    CELL_LONG = "cell_long"
    CHARACTERS = "characters"
    FORMULA = "formula"
    SHORTENED = "shortened"
    CELLS = "cells"
    NO_RULE = "no_rule"
    LINE_LONG = "line_long"
    QUOTE_LONG = "quote_long"
    QUOTE_OPEN = "quote_open"
    QUOTE_FOLLOWED = "quote_followed"
    ROW_FORM = "row_form"
    # The mapping.
    MAPPING = "mapping"
    MAPPING_MEMBER = "mapping_member"
    UNREADABLE = "unreadable"
    BYTES_MAX = "bytes_max"
    NOT_UTF8 = "not_utf8"
    NOT_TOML = "not_toml"
    FORMAT_MARK = "format_mark"
    FIELD_NAME = "field_name"
    COLUMN_OR_CONSTANT = "column_or_constant"
    COLUMN_NEEDED = "column_needed"
    COLUMN_AND_CONSTANT = "column_and_constant"
    CURRENCY_NEEDED = "currency_needed"
    REASON_NEEDED = "reason_needed"
    SKU_NAMES_NEEDED = "sku_names_needed"
    ONE_OF = "one_of"
    MARK_FORM = "mark_form"
    QUOTE_IS_DELIMITER = "quote_is_delimiter"
    DECIMAL_FORM = "decimal_form"
    THOUSANDS_FORM = "thousands_form"
    ZONE_NEEDED = "zone_needed"
    ZONE_UNKNOWN = "zone_unknown"
    PATTERN_FORM = "pattern_form"
    # The file.
    NO_FILE = "no_file"
    FILE_UNREADABLE = "file_unreadable"
    FILE_BYTES = "file_bytes"
    FILE_CHANGED = "file_changed"
    ENCODING_OTHER = "encoding_other"
    HEADER_BYTES = "header_bytes"
    HEADER_LINE = "header_line"
    HEADER_COLUMNS = "header_columns"
    HEADER_NONE = "header_none"
    HEADER_COLUMN = "header_column"
    HEADER_COLUMN_REPEATED = "header_column_repeated"
    SKU_HEADER_NONE = "sku_header_none"
    SKU_HEADER = "sku_header"
    WORKBOOK_OLD = "workbook_old"
    WORKBOOK_DAMAGED = "workbook_damaged"
    WORKBOOK_LARGE = "workbook_large"
    WORKBOOK_UNREADABLE = "workbook_unreadable"
    SHEET_UNNAMED = "sheet_unnamed"
    SHEET_UNKNOWN = "sheet_unknown"
    # The import as a whole.
    SKUS_MAX = "skus_max"
    STORE_UNKNOWN = "store_unknown"
    REASON_UNKNOWN = "reason_unknown"
    OTHER_ACTOR = "other_actor"
    REJECTS_UNWRITABLE = "rejects_unwritable"


SENTENCES: Final[dict[Said, Words]] = {
    Said.VALUE_EMPTY: Words("{field}：必須有值，但儲存格是空的", "{field}: expected a value, got an empty cell"),
    Said.NUMBER_EMPTY: Words("{field}：必須是數字，但儲存格是空的", "{field}: expected a number, got an empty cell"),
    Said.NUMBER_FORM: Words(
        "{field}：必須是按 [numbers] 所寫的數字，現為 {got}", "{field}: expected a number as [numbers] says, got {got}"
    ),
    Said.CURRENCY_FORM: Words(
        "{field}：必須是 ISO 4217 的三個字母，現為 {got}", "{field}: expected three letters of ISO 4217, got {got}"
    ),
    Said.DATE_FORM: Words(
        "{field}：必須是按 {form} 格式的日期，現為 {got}", "{field}: expected a date like {form}, got {got}"
    ),
    Said.TIME_FORM: Words(
        "{field}：必須是按 {form} 格式的時間，現為 {got}", "{field}: expected a time like {form}, got {got}"
    ),
    Said.TIME_WITHOUT_ZONE: Words(
        "{field}：時間必須帶有時差，或在 [dates] 寫明時區，兩者均欠",
        "{field}: expected a time with an offset, or a zone under [dates], got neither",
    ),
    Said.TIME_SKIPPED: Words(
        "{field}：時間必須在 {zone} 真實存在，但時鐘當時跳過了這一刻",
        "{field}: expected a time that exists in {zone}, got one the clock skipped",
    ),
    Said.TIME_TWICE: Words(
        "{field}：時間在 {zone} 必須只有一刻，但時鐘當時顯示過兩次",
        "{field}: expected a time that is one in {zone}, got one shown twice",
    ),
    Said.VALUE_UNLISTED: Words(
        "{field}：必須是 [values.{field}] 所列的值，現為 {got}",
        "{field}: expected a value listed under [values.{field}], got {got}",
    ),
    Said.CELL_LONG: Words(
        "{field}：最多 {max} 個字元，現有 {got} 個", "{field}: expected at most {max} characters, got {got}"
    ),
    Said.CHARACTERS: Words(
        "{field}：必須是所寫編碼的文字，但有一個不屬該編碼的字元",
        "{field}: expected text in the declared encoding, got a character that is none",
    ),
    Said.FORMULA: Words(
        "{field}：必須有值，現為試算表的錯誤 {got}", "{field}: expected a value, got the spreadsheet error {got}"
    ),
    Said.SHORTENED: Words(
        "{field}：必須是完整的數字，現為 {got}，已被試算表縮短",
        "{field}: expected every digit, got {got}, which a spreadsheet has shortened",
    ),
    Said.CELLS: Words("這一行：應有 {expected} 格，現有 {got} 格", "the row: expected {expected} cells, got {got}"),
    Said.NO_RULE: Words(
        "這一行：必須有一條對應規則適用，但沒有", "the row: expected a rule of the mapping that covers it, got none"
    ),
    Said.LINE_LONG: Words("每行必須少於 {max} 個字元", "expected a line of fewer than {max} characters"),
    Said.QUOTE_LONG: Words(
        "引號 {quote} 必須在 {max} 行之內關閉，但沒有",
        "expected the quote {quote} to be closed within {max} lines, got none that closes it",
    ),
    Said.QUOTE_OPEN: Words(
        "引號 {quote} 必須關閉，但檔案已完結", "expected the quote {quote} to be closed, got the end of the file"
    ),
    Said.QUOTE_FOLLOWED: Words(
        "引號 {quote} 關閉之後必須是 {delimiter} 或行末，但還有文字",
        "expected {delimiter} or the end of the line after the closing quote {quote}, got text",
    ),
    Said.ROW_FORM: Words("必須是 RFC 4180 格式的一行，但不是", "expected a row in the form of RFC 4180, got none"),
    Said.MAPPING: Words("對應檔：{reason}", "mapping: {reason}"),
    Said.MAPPING_MEMBER: Words("對應檔：{path}：{reason}", "mapping: {path}: {reason}"),
    Said.UNREADABLE: Words("必須是可以讀取的檔案（{why}）：{path}", "expected a readable file, got {why}: {path}"),
    Said.BYTES_MAX: Words("最多 {max} 位元組，現有 {got}", "expected at most {max} bytes, got {got}"),
    Said.NOT_UTF8: Words("必須是 UTF-8，但第 {at} 個位元組不是", "expected UTF-8, got another byte at {at}"),
    Said.NOT_TOML: Words("必須是 TOML（{why}）", "expected TOML, got: {why}"),
    Said.FORMAT_MARK: Words('必須是 "{expected}"，現為 {got}', 'expected "{expected}", got {got}'),
    Said.FIELD_NAME: Words("沒有欄位 {got}；可用的有：{known}", "expected one of {known}; got {got}"),
    Said.COLUMN_OR_CONSTANT: Words(
        "必須有一欄或一個常數，兩者均欠", "expected a column or a constant for it, got neither"
    ),
    Said.COLUMN_NEEDED: Words("必須有一欄，但沒有", "expected a column, got none"),
    Said.COLUMN_AND_CONSTANT: Words(
        "一欄或一個常數只可有其一，現兩者都有", "expected a column or a constant for it, got both"
    ),
    Said.CURRENCY_NEEDED: Words("unit_price 必須有貨幣，但沒有", "expected a currency for unit_price, got none"),
    Said.REASON_NEEDED: Words(
        "必須有原因，或有一欄或一個常數代替，但都沒有", "expected a reason, or a column or constant for it, got none"
    ),
    Said.SKU_NAMES_NEEDED: Words(
        "要建立貨品，必須有 name_zh 或 name_en，兩者均欠",
        "expected name_zh or name_en for the SKUs to be created, got neither",
    ),
    Said.ONE_OF: Words("必須是以下其中之一：{expected}；現為 {got}", "expected one of {expected}, got {got}"),
    Said.MARK_FORM: Words("必須是不會用來寫字的符號，現為 {got}", "expected a mark that no text is made of, got {got}"),
    Said.QUOTE_IS_DELIMITER: Words(
        "引號必須與分隔符號不同，現為相同", "expected another mark than the delimiter, got the same"
    ),
    Said.DECIMAL_FORM: Words('必須是 "." 或 ","，現為 {got}', 'expected "." or ",", got {got}'),
    Said.THOUSANDS_FORM: Words("必須是獨有的符號，現為 {got}", "expected a mark of its own, got {got}"),
    Said.ZONE_NEEDED: Words("必須寫明檔案日期的時區，但沒有", "expected the time zone of the file's dates, got none"),
    Said.ZONE_UNKNOWN: Words(
        "必須是時區，例如 Asia/Hong_Kong，現為 {got}", "expected a zone such as Asia/Hong_Kong, got {got}"
    ),
    Said.PATTERN_FORM: Words(
        "必須是正規表示式，但這一個不成立（{why}）", "expected a regular expression, got one that fails: {why}"
    ),
    Said.NO_FILE: Words("檔案：必須存在，但 {path} 沒有檔案", "the file: expected a file, got none at {path}"),
    Said.FILE_UNREADABLE: Words(
        "檔案：必須可以讀取（{why}）：{path}", "the file: expected one that can be read, got {why}: {path}"
    ),
    Said.FILE_BYTES: Words(
        "檔案：必須有 1 至 {max} 位元組，現有 {got}", "the file: expected 1 to {max} bytes, got {got}"
    ),
    Said.FILE_CHANGED: Words(
        "檔案：匯入期間必須維持不變，但內容已不同",
        "the file: expected it to stay the same during the import, got another content",
    ),
    Said.ENCODING_OTHER: Words(
        '檔案：編碼應為 {expected}，現為 {found}；如要轉換，請在對應檔的 [file] 寫上 encoding = "{found}"',
        'the file: expected {expected}, got {found}; to convert it, write encoding = "{found}" under [file] in the mapping',
    ),
    Said.HEADER_BYTES: Words(
        "標題行：必須是 {encoding} 的文字，但有不屬該編碼的位元組；請在對應檔的 [file] 以 encoding 寫明檔案的編碼：{encodings} 其中之一",
        "the header: expected text in {encoding}, got bytes that are none; "
        "say which encoding the file is in with encoding under [file] in the mapping: one of {encodings}",
    ),
    Said.HEADER_LINE: Words("第 {line} 行的標題：{reason}", "the header on line {line}: {reason}"),
    Said.HEADER_COLUMNS: Words(
        "標題行：最多 {max} 欄，現有 {got} 欄", "the header: expected at most {max} columns, got {got}"
    ),
    Said.HEADER_NONE: Words(
        "檔案：標題必須在第 {line} 行或以下，但檔案已完結",
        "the file: expected a header on line {line} or below, got the end of the file",
    ),
    Said.HEADER_COLUMN: Words(
        "標題行：必須有一欄 {wanted}，但沒有；現有：{names}",
        "the header: expected one column {wanted}, got none among: {names}",
    ),
    Said.HEADER_COLUMN_REPEATED: Words(
        "標題行：必須只有一欄 {wanted}，現有 {count} 欄；現有：{names}",
        "the header: expected one column {wanted}, got {count} of them among: {names}",
    ),
    Said.SKU_HEADER_NONE: Words(
        "標題行：必須有 {names} 這些名稱，但沒有", "the header: expected the names {names}, got none"
    ),
    Said.SKU_HEADER: Words(
        "標題行：{names} 每項最多一次，並最少有 {needed}；現為 {got}",
        "the header: expected each at most once of {names} and at least {needed}, got {got}",
    ),
    Said.WORKBOOK_OLD: Words(
        "檔案：必須是 CSV 或 XLSX，現為 Excel 97-2003（.xls）或已加密的活頁簿；請另存為 .xlsx",
        "the file: expected CSV or XLSX, got an Excel 97-2003 (.xls) or encrypted workbook; save it as .xlsx",
    ),
    Said.WORKBOOK_DAMAGED: Words(
        "檔案：必須是活頁簿，現為損壞的 ZIP 檔案", "the file: expected a workbook, got a damaged ZIP file"
    ),
    Said.WORKBOOK_LARGE: Words(
        "檔案：活頁簿解壓後最多 {max} 位元組，現有 {got}",
        "the file: expected a workbook of at most {max} bytes unpacked, got {got}",
    ),
    Said.WORKBOOK_UNREADABLE: Words(
        "檔案：必須是活頁簿，但未能開啟（{why}）",
        "the file: expected a workbook, got one that cannot be opened ({why})",
    ),
    Said.SHEET_UNNAMED: Words(
        '檔案：必須只有一張工作表，或在 [file] 以 sheet = "..." 寫明名稱；現有 {got}',
        'the file: expected one sheet, or its name under [file] as sheet = "...", got {got}',
    ),
    Said.SHEET_UNKNOWN: Words(
        "檔案：必須有工作表 {wanted}；現有 {got}", "the file: expected a sheet {wanted}, got {got}"
    ),
    Said.SKUS_MAX: Words(
        "檔案：最多 {max} 個不同的貨品，現有更多", "the file: expected at most {max} different SKUs, got more"
    ),
    Said.STORE_UNKNOWN: Words(
        "分店 {store}：必須存在，但沒有；新增方法：chopbook store add {store} --area AREA --name-zh NAME --name-en NAME",
        "store {store}: expected one that exists, got none; "
        "add it with: chopbook store add {store} --area AREA --name-zh NAME --name-en NAME",
    ),
    Said.REASON_UNKNOWN: Words(
        "原因 {reason}：必須存在並在使用中，但沒有", "reason {reason}: expected one that exists and is active, got none"
    ),
    Said.OTHER_ACTOR: Words(
        "檔案：必須未由他人匯入，但第 {index} 項紀錄顯示由 {actor} 匯入；請以 {actor} 的身分繼續，或以 --again 將每一行再記錄一次",
        "the file: expected one not yet imported by another, got the one of entry {index} "
        "by {actor}; go on with it as {actor}, or say --again to log every row a second time",
    ),
    Said.REJECTS_UNWRITABLE: Words(
        "拒收檔：必須是可以寫入的位置（{why}）：{path}",
        "rejects file: expected a place that can be written, got {why}: {path}",
    ),
}


def told(which: Said, **values: object) -> Words:
    """The sentence with its values, in both languages; a value that is itself `Words` is told in each of them."""
    return SENTENCES[which].filled(values)
