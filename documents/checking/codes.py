"""Why a file is refused, and what is worth saying about one that is not: a closed table with sentences.

- Each sentence says what is wrong and then what to do, in zh-Hant-HK and English. `{…}` names members of the detail.
- A code is part of the log's format: a name is never reused for another meaning.
- `NOTES` are findings about a file that was accepted; every other code is a refusal.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from documents.sandbox.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping


class Code(StrEnum):
    """Stable names of refusals and findings."""

    EMPTY_FILE = "empty_file"
    FILE_TOO_LARGE = "file_too_large"
    NAME_MISSING = "name_missing"
    EXTENSION_MISSING = "extension_missing"
    EXTENSION_NOT_ALLOWED = "extension_not_allowed"
    TYPE_NOT_ALLOWED = "type_not_allowed"
    TYPE_UNKNOWN = "type_unknown"
    EXTENSION_MISMATCH = "extension_mismatch"
    PROGRAM = "program"
    ACTIVE_TEXT = "active_text"
    ARCHIVE = "archive"
    LEGACY_OFFICE = "legacy_office"
    POLYGLOT = "polyglot"
    DATA_BEFORE_START = "data_before_start"
    TRAILING_DATA = "trailing_data"
    HIDDEN_DATA = "hidden_data"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    PARSERS_DISAGREE = "parsers_disagree"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_COMPLEX = "too_complex"
    DECOMPRESSION_BOMB = "decompression_bomb"
    IMAGE_ANIMATED = "image_animated"
    IMAGE_KIND_NOT_READ = "image_kind_not_read"
    PDF_ENCRYPTED = "pdf_encrypted"
    PDF_JAVASCRIPT = "pdf_javascript"
    PDF_LAUNCH = "pdf_launch"
    PDF_AUTOMATIC_ACTION = "pdf_automatic_action"
    PDF_EMBEDDED_FILE = "pdf_embedded_file"
    PDF_XFA = "pdf_xfa"
    PDF_MULTIMEDIA = "pdf_multimedia"
    PDF_SENDS_DATA = "pdf_sends_data"
    OFFICE_ENCRYPTED = "office_encrypted"
    OFFICE_MACROS = "office_macros"
    OFFICE_EMBEDDED = "office_embedded"
    OFFICE_EXTERNAL = "office_external"
    OFFICE_COMMAND_FIELD = "office_command_field"
    OFFICE_NESTED_ARCHIVE = "office_nested_archive"
    OFFICE_UNSAFE_PART = "office_unsafe_part"
    XML_ENTITIES = "xml_entities"
    TEXT_ENCODING_UNKNOWN = "text_encoding_unknown"
    TEXT_CONTROL_CHARACTERS = "text_control_characters"
    PARSER_TIMEOUT = "parser_timeout"
    PARSER_CRASHED = "parser_crashed"
    PARSER_OUT_OF_MEMORY = "parser_out_of_memory"
    INFECTED = "infected"

    NAME_CLEANED = "name_cleaned"
    CAMERA_EXTRAS = "camera_extras"
    LOCATION_INSIDE = "location_inside"
    PDF_LINKS = "pdf_links"
    PDF_PERMISSIONS = "pdf_permissions"
    PDF_REPAIRED = "pdf_repaired"
    PDF_SIGNED = "pdf_signed"
    OFFICE_LINKS = "office_links"
    CSV_FORMULAS = "csv_formulas"


NOTES: Final = frozenset(
    {
        Code.NAME_CLEANED,
        Code.CAMERA_EXTRAS,
        Code.LOCATION_INSIDE,
        Code.PDF_LINKS,
        Code.PDF_PERMISSIONS,
        Code.PDF_REPAIRED,
        Code.PDF_SIGNED,
        Code.OFFICE_LINKS,
        Code.CSV_FORMULAS,
    }
)


class Words(NamedTuple):
    """A sentence in both languages."""

    zh: str
    en: str


SENTENCES: Final[Mapping[Code, Words]] = {
    Code.EMPTY_FILE: Words(
        "檔案沒有內容。請重新選取或重新拍攝。", "The file is empty. Choose it again, or take the photo again."
    ),
    Code.FILE_TOO_LARGE: Words(
        "檔案大於上限 {limit_mb} MB。請減低解像度或分成數份上載。",
        "The file is larger than {limit_mb} MB. Lower the resolution, or upload it in parts.",
    ),
    Code.NAME_MISSING: Words("檔案沒有名稱。請先命名再上載。", "The file has no name. Name it, then upload it."),
    Code.EXTENSION_MISSING: Words(
        "檔案名稱沒有副檔名。請加上正確的副檔名，例如 .pdf 或 .jpg。",
        "The file name has no extension. Add the right one, such as .pdf or .jpg.",
    ),
    Code.EXTENSION_NOT_ALLOWED: Words(
        "不接受 .{extension} 檔案。請轉存為 PDF 或相片後再上載。",
        "Files of the kind .{extension} are not accepted. Save it as a PDF or a photo and upload that.",
    ),
    Code.TYPE_NOT_ALLOWED: Words(
        "此文件類別不接受 {media_type} 檔案。請改用接受的格式，或選擇另一類別。",
        "This class of document does not take {media_type}. Use a format it takes, or choose another class.",
    ),
    Code.TYPE_UNKNOWN: Words(
        "無法辨認檔案內容。請用原來的程式開啟，轉存為 PDF 後再上載。",
        "What is in the file could not be recognised. Open it in its own program, save it as a PDF and upload that.",
    ),
    Code.EXTENSION_MISMATCH: Words(
        "副檔名是 .{extension}，但內容是 {found}。請向提供者查證，並以正確格式另存。",
        "The name says .{extension} but the content is {found}. Ask who sent it, and save it in its true format.",
    ),
    Code.PROGRAM: Words(
        "檔案是程式或指令碼，不能存檔。切勿開啟；請通知資訊科技同事。",
        "The file is a program or a script. Do not open it; tell your IT colleagues.",
    ),
    Code.ACTIVE_TEXT: Words(
        "檔案是網頁、SVG、XML 或含有可執行的標記。請列印成 PDF 後再上載。",
        "The file is a web page, SVG or XML, or holds markup that can run. Print it to PDF and upload that.",
    ),
    Code.ARCHIVE: Words(
        "不接受壓縮檔（{found}）。請解壓後逐份上載。",
        "Archives ({found}) are not accepted. Unpack it and upload its files one by one.",
    ),
    Code.LEGACY_OFFICE: Words(
        "不接受舊式或加密的 Office 檔案。請另存為 .docx、.xlsx 或 PDF（不設密碼）後再上載。",
        "Old or encrypted Office files are not accepted. Save it as .docx, .xlsx or PDF without a password.",
    ),
    Code.POLYGLOT: Words(
        "檔案同時是另一種檔案（{found}），可能是偽裝。切勿開啟；請通知資訊科技同事。",
        "The file is at the same time something else ({found}) and may be disguised. Do not open it; tell your IT colleagues.",
    ),
    Code.DATA_BEFORE_START: Words(
        "文件開始之前有多餘資料。請用原來的程式重新儲存後再上載。",
        "There is data before the document begins. Save it anew from its own program and upload that.",
    ),
    Code.TRAILING_DATA: Words(
        "文件結束之後還有 {bytes} 位元組的多餘資料。請用原來的程式重新儲存後再上載。",
        "There are {bytes} bytes after the end of the document. Save it anew from its own program and upload that.",
    ),
    Code.HIDDEN_DATA: Words(
        "檔案內有 {bytes} 位元組不屬於文件的資料。請用原來的程式重新儲存後再上載。",
        "The file holds {bytes} bytes that belong to no part of the document. Save it anew and upload that.",
    ),
    Code.TRUNCATED: Words(
        "檔案不完整，尾段缺失。請重新傳送或重新拍攝。",
        "The file is cut off before its end. Send it again, or take the photo again.",
    ),
    Code.DAMAGED: Words(
        "檔案已損壞，無法讀取。請重新儲存、掃描或拍攝。",
        "The file is damaged and cannot be read. Save, scan or photograph it again.",
    ),
    Code.PARSERS_DISAGREE: Words(
        "不同程式對此檔案的讀法不一。請列印成新的 PDF 後再上載。",
        "Two readers do not agree on what is in the file. Print it to a new PDF and upload that.",
    ),
    Code.TOO_MANY_PIXELS: Words(
        "圖像太大：{megapixels} 百萬像素，上限 {limit}。請減低解像度。",
        "The picture is too large: {megapixels} megapixels, {limit} at most. Lower the resolution.",
    ),
    Code.TOO_MANY_PAGES: Words(
        "頁數太多：{pages} 頁，上限 {limit}。請分成數份上載。",
        "There are too many pages: {pages}, {limit} at most. Upload it in parts.",
    ),
    Code.TOO_COMPLEX: Words(
        "檔案結構過於複雜（{what}）。請列印成新的 PDF 後再上載。",
        "The file is built too intricately ({what}). Print it to a new PDF and upload that.",
    ),
    Code.DECOMPRESSION_BOMB: Words(
        "檔案解壓後大得異常，可能是惡意檔案。切勿開啟；請通知資訊科技同事。",
        "The file unpacks to far more than it should and may be hostile. Do not open it; tell your IT colleagues.",
    ),
    Code.IMAGE_ANIMATED: Words(
        "不接受動畫。請上載靜止的相片。", "Animations are not accepted. Upload a still picture."
    ),
    Code.IMAGE_KIND_NOT_READ: Words(
        "此種圖像格式（{kind}）不能讀取。請轉存為 JPEG、PNG 或 PDF。",
        "This variety of picture ({kind}) cannot be read. Save it as JPEG, PNG or PDF.",
    ),
    Code.PDF_ENCRYPTED: Words(
        "PDF 設有密碼。請移除密碼後再上載。", "The PDF has a password. Remove it, then upload the PDF."
    ),
    Code.PDF_JAVASCRIPT: Words(
        "PDF 內有程式碼（JavaScript）。請列印成新的 PDF 後再上載。",
        "The PDF holds scripts (JavaScript). Print it to a new PDF and upload that.",
    ),
    Code.PDF_LAUNCH: Words(
        "PDF 會啟動程式或開啟其他檔案。切勿開啟；請列印成新的 PDF。",
        "The PDF starts programs or opens other files. Do not open it; print it to a new PDF.",
    ),
    Code.PDF_AUTOMATIC_ACTION: Words(
        "PDF 會在開啟或翻頁時自動執行動作。請列印成新的 PDF 後再上載。",
        "The PDF acts by itself when opened or paged through. Print it to a new PDF and upload that.",
    ),
    Code.PDF_EMBEDDED_FILE: Words(
        "PDF 內夾附其他檔案。請取出後逐份上載。",
        "The PDF has files attached inside. Take them out and upload each by itself.",
    ),
    Code.PDF_XFA: Words(
        "PDF 是 XFA 動態表格。請列印成新的 PDF 後再上載。",
        "The PDF is a dynamic XFA form. Print it to a new PDF and upload that.",
    ),
    Code.PDF_MULTIMEDIA: Words(
        "PDF 內有影音或互動內容。請列印成新的 PDF 後再上載。",
        "The PDF holds sound, film or interactive media. Print it to a new PDF and upload that.",
    ),
    Code.PDF_SENDS_DATA: Words(
        "PDF 會傳送或匯入資料。請列印成新的 PDF 後再上載。",
        "The PDF sends or imports data. Print it to a new PDF and upload that.",
    ),
    Code.OFFICE_ENCRYPTED: Words(
        "Office 檔案設有密碼。請移除密碼後再上載。", "The Office file has a password. Remove it, then upload the file."
    ),
    Code.OFFICE_MACROS: Words(
        "Office 檔案含有巨集。請另存為不含巨集的 .docx 或 .xlsx。",
        "The Office file holds macros. Save it as .docx or .xlsx without macros.",
    ),
    Code.OFFICE_EMBEDDED: Words(
        "Office 檔案內嵌其他物件（{part}）。請移除後再上載。",
        "The Office file has other objects inside ({part}). Remove them, then upload it.",
    ),
    Code.OFFICE_EXTERNAL: Words(
        "Office 檔案會從外部載入內容（{kind}）。請移除連結後再上載。",
        "The Office file loads content from elsewhere ({kind}). Remove the link, then upload it.",
    ),
    Code.OFFICE_COMMAND_FIELD: Words(
        "Office 檔案含有會執行指令的欄位（DDE）。切勿開啟；請列印成 PDF。",
        "The Office file has a field that runs commands (DDE). Do not open it; print it to PDF.",
    ),
    Code.OFFICE_NESTED_ARCHIVE: Words(
        "Office 檔案內藏壓縮檔。請移除後再上載。",
        "The Office file has an archive inside. Remove it, then upload the file.",
    ),
    Code.OFFICE_UNSAFE_PART: Words(
        "Office 檔案的內部結構不正常（{why}）。請用 Office 重新儲存後再上載。",
        "The Office file is put together wrongly ({why}). Save it anew from Office and upload that.",
    ),
    Code.XML_ENTITIES: Words(
        "檔案的 XML 含有實體定義，可能是惡意檔案。請用 Office 重新儲存。",
        "XML in the file defines entities and may be hostile. Save it anew from Office.",
    ),
    Code.TEXT_ENCODING_UNKNOWN: Words(
        "無法確定文字編碼。請另存為 UTF-8 後再上載。",
        "The encoding of the text could not be told for certain. Save it as UTF-8 and upload that.",
    ),
    Code.TEXT_CONTROL_CHARACTERS: Words(
        "文字檔含有控制字元，可能不是文字。請另存為純文字（UTF-8）。",
        "The text holds control characters and may not be text. Save it as plain text (UTF-8).",
    ),
    Code.PARSER_TIMEOUT: Words(
        "檔案在限時內未能檢查完畢。請列印成新的 PDF，或分成數份上載。",
        "The file could not be checked in time. Print it to a new PDF, or upload it in parts.",
    ),
    Code.PARSER_CRASHED: Words(
        "檔案令檢查程式中止，可能是惡意檔案。請列印成新的 PDF，並通知資訊科技同事。",
        "The file broke the checking program and may be hostile. Print it to a new PDF, and tell your IT colleagues.",
    ),
    Code.PARSER_OUT_OF_MEMORY: Words(
        "檢查檔案需要的記憶體太多。請減低解像度，或分成數份上載。",
        "Checking the file takes too much memory. Lower the resolution, or upload it in parts.",
    ),
    Code.INFECTED: Words(
        "防毒程式發現 {name}。切勿開啟；請通知資訊科技同事。",
        "The virus scanner found {name}. Do not open the file; tell your IT colleagues.",
    ),
    Code.NAME_CLEANED: Words(
        "檔案名稱已整理（{why}）；原名仍有記錄。", "The file name was cleaned ({why}); the original is kept on record."
    ),
    Code.CAMERA_EXTRAS: Words(
        "相片附有手機加上的額外資料（{kind}），整理時會移除。",
        "The photo carries extras added by the phone ({kind}); they are removed when it is cleaned.",
    ),
    Code.LOCATION_INSIDE: Words(
        "相片內有拍攝位置，整理時會移除。", "The photo holds where it was taken; that is removed when it is cleaned."
    ),
    Code.PDF_LINKS: Words(
        "PDF 內有 {count} 個外部連結。開啟連結前請先查證。",
        "The PDF holds {count} links to elsewhere. Be sure of them before following one.",
    ),
    Code.PDF_PERMISSIONS: Words("PDF 設有使用限制，但可以閱讀。", "The PDF restricts its use, but can be read."),
    Code.PDF_REPAIRED: Words(
        "PDF 結構有小錯，已按可讀內容檢查。", "The PDF has small faults; what can be read was checked."
    ),
    Code.PDF_SIGNED: Words(
        "PDF 附有數碼簽署，原檔會原樣保存。", "The PDF carries a digital signature; the original is kept as it is."
    ),
    Code.OFFICE_LINKS: Words(
        "Office 檔案內有 {count} 個外部連結。開啟連結前請先查證。",
        "The Office file holds {count} links to elsewhere. Be sure of them before following one.",
    ),
    Code.CSV_FORMULAS: Words(
        "CSV 內有 {count} 格以公式符號開頭；匯出時會加上前綴。",
        "{count} cells of the CSV begin like formulas; exports put a mark before them.",
    ),
}


def sentence(code: str, detail: Mapping[str, str | int] | None = None) -> Words:
    """What to tell the user; members that the detail lacks stay blank."""
    words, named = SENTENCES[Code(code)], _Blank(detail or {})
    return Words(words.zh.format_map(named), words.en.format_map(named))


def refuse(code: Code, **detail: str | int) -> NoReturn:
    """Refuses the file.

    Raises:
        Refused: always.
    """
    raise Refused(code, detail)


class _Blank(dict[str, "str | int"]):
    def __missing__(self, _: str) -> str:
        return "?"
