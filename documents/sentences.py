"""What can be wrong with a document request: stable codes, and the sentence for each in both languages.

Codes and sentences follow the rules of `stock.sentences`. What concerns the shape of a request in general (a text too
long, an unknown member) is worded there, because its parsers are used here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from policies.model import Words
from stock.sentences import SENTENCES as STOCK_SENTENCES
from stock.sentences import Code as StockCode


class Code(StrEnum):
    """A stable name for one thing that can be wrong."""

    # Things that are not there.
    DOCUMENT_UNKNOWN = "document_unknown"
    VERSION_UNKNOWN = "version_unknown"
    CLASS_UNKNOWN = "class_unknown"
    SUPPLIER_UNKNOWN = "supplier_unknown"
    FOLDER_UNKNOWN = "folder_unknown"
    UPLOAD_UNKNOWN = "upload_unknown"
    RENDITION_UNKNOWN = "rendition_unknown"
    FIELD_UNKNOWN = "field_unknown"
    TARGET_UNKNOWN = "target_unknown"
    # The shape of what was sent.
    FOLDER_FORM = "folder_form"
    TAG_FORM = "tag_form"
    TAG_PERSONAL = "tag_personal"
    MEDIA_TYPE_FORM = "media_type_form"
    PERSONAL_KIND_FORM = "personal_kind_form"
    FIELD_VALUE_FORM = "field_value_form"
    LINK_TARGET_FORM = "link_target_form"
    NUMBER_AMBIGUOUS = "number_ambiguous"
    FILE_MISSING = "file_missing"
    FILE_EMPTY = "file_empty"
    FORM_UNREADABLE = "form_unreadable"
    # What the state of things does not allow.
    CLASS_EXISTS = "class_exists"
    CLASS_RETIRED = "class_retired"
    SUPPLIER_EXISTS = "supplier_exists"
    SUPPLIER_RETIRED = "supplier_retired"
    ALREADY_FILED = "already_filed"
    NOT_FILED = "not_filed"
    ALREADY_TAGGED = "already_tagged"
    NOT_TAGGED = "not_tagged"
    ALREADY_LINKED = "already_linked"
    NOT_LINKED = "not_linked"
    LINK_TO_ITSELF = "link_to_itself"
    SUPERSEDES_IN_CIRCLE = "supersedes_in_circle"
    STAGE_FORBIDS = "stage_forbids"
    NOT_READ_YET = "not_read_yet"
    VERSION_OVERTAKEN = "version_overtaken"
    REVIEW_OPEN = "review_open"
    PURPOSE_REQUIRED = "purpose_required"
    DAR_HOLD = "dar_hold"
    DOCUMENT_HELD = "document_held"
    ALREADY_CONFIRMED = "already_confirmed"
    NO_STOCK_DOCUMENT = "no_stock_document"
    ALREADY_ADJUSTED = "already_adjusted"
    ROW_WITHOUT_SKU = "row_without_sku"
    ROW_WITHOUT_QUANTITY = "row_without_quantity"
    STORE_MISSING = "store_missing"
    CONTENT_GONE = "content_gone"
    # Uploads.
    FILE_REFUSED = "file_refused"
    FILE_INFECTED = "file_infected"
    FILE_TOO_LARGE = "file_too_large"
    UPLOAD_OFFSET_DIFFERS = "upload_offset_differs"
    UPLOAD_EXPIRED = "upload_expired"
    UPLOAD_ENDED = "upload_ended"
    UPLOAD_BUSY = "upload_busy"
    UPLOADS_TOO_MANY = "uploads_too_many"
    UPLOAD_DAY_FULL = "upload_day_full"
    SPOOL_FULL = "spool_full"
    CHECKSUM_DIFFERS = "checksum_differs"
    CHECKSUM_ALGORITHM = "checksum_algorithm"
    TUS_VERSION = "tus_version"
    UPLOAD_LENGTH = "upload_length"
    UPLOAD_METADATA = "upload_metadata"
    RANGE_NOT_SATISFIABLE = "range_not_satisfiable"


SENTENCES: Final[dict[Code, Words]] = {
    Code.DOCUMENT_UNKNOWN: STOCK_SENTENCES[StockCode.DOCUMENT_UNKNOWN],
    Code.VERSION_UNKNOWN: Words("此文件沒有第 {version} 版。", "The document has no version {version}."),
    Code.CLASS_UNKNOWN: Words(
        "沒有文件類別 {class}；/api/v1/document-classes 列出全部。",
        "There is no document class {class}; /api/v1/document-classes lists those there are.",
    ),
    Code.SUPPLIER_UNKNOWN: Words("沒有供應商 {supplier}。", "There is no supplier {supplier}."),
    Code.FOLDER_UNKNOWN: Words("沒有文件夾 {folder}。", "There is no folder {folder}."),
    Code.UPLOAD_UNKNOWN: Words("沒有此上載。", "There is no such upload."),
    Code.RENDITION_UNKNOWN: Words("沒有此頁或此預覽。", "There is no such page or rendition."),
    Code.FIELD_UNKNOWN: Words("此文件沒有讀取到這個欄位。", "The document has no such field."),
    Code.TARGET_UNKNOWN: Words("找不到要連結的項目。", "What the link leads to does not exist."),
    Code.FOLDER_FORM: Words(
        "文件夾須寫成「種類/代號」，種類為 sku、supplier、store 或 general。",
        "A folder is written as kind/code, where the kind is sku, supplier, store or general.",
    ),
    Code.TAG_FORM: Words(
        "標籤須為 1 至 {max} 個字元，可用任何文字的字母、漢字及數字，中間可有 -、_ 及單個空格。",
        "A tag has 1 to {max} characters: letters and digits of any script, with - and _ and single spaces between them.",
    ),
    Code.TAG_PERSONAL: Words(
        "標籤永久載於審計紀錄，不可含個人資料；請改寫於備註，備註會加密封存。",
        "A tag stands in the log for ever and may hold no personal data; write a note, which is sealed.",
    ),
    Code.MEDIA_TYPE_FORM: Words(
        "不支援的檔案種類。可用：{expected}。", "This media type is not supported. Expected one of: {expected}."
    ),
    Code.PERSONAL_KIND_FORM: Words(
        "類別不可載有這種個人資料。可用：{expected}。",
        "A class may not declare this kind of personal data. Expected one of: {expected}.",
    ),
    Code.FIELD_VALUE_FORM: Words(
        "這個欄位的內容格式不符，應如 {expected}。",
        "The value does not fit this field: expected one such as {expected}.",
    ),
    Code.LINK_TARGET_FORM: Words(
        "連結的目標必須是文件編號，或（evidence_of）審計紀錄的編號。",
        "A link leads to the id of a document or, with evidence_of, to the index of an entry.",
    ),
    Code.NUMBER_AMBIGUOUS: Words(
        "有多於一份文件使用這個編號；請開啟所指的文件，填上其網址。",
        "Several documents bear this number: open the one you mean and give its address.",
    ),
    Code.FILE_MISSING: Words("沒有收到檔案。", "No file was sent."),
    Code.FILE_EMPTY: Words("檔案沒有內容。", "The file is empty."),
    Code.FORM_UNREADABLE: Words("無法讀取 multipart/form-data 表格。", "The multipart/form-data form cannot be read."),
    Code.CLASS_EXISTS: Words("已有文件類別 {class}。", "The document class {class} exists already."),
    Code.CLASS_RETIRED: Words("文件類別 {class} 已停用。", "The document class {class} is retired."),
    Code.SUPPLIER_EXISTS: Words("已有供應商 {supplier}。", "The supplier {supplier} exists already."),
    Code.SUPPLIER_RETIRED: Words("供應商 {supplier} 已停用。", "The supplier {supplier} is retired."),
    Code.ALREADY_FILED: Words("文件已在文件夾 {folder}。", "The document lies in folder {folder} already."),
    Code.NOT_FILED: Words("文件不在文件夾 {folder}。", "The document does not lie in folder {folder}."),
    Code.ALREADY_TAGGED: Words("文件已有此標籤。", "The document has this tag already."),
    Code.NOT_TAGGED: Words("文件沒有此標籤。", "The document does not have this tag."),
    Code.ALREADY_LINKED: Words("已有此連結。", "This link exists already."),
    Code.NOT_LINKED: Words("沒有此連結。", "There is no such link."),
    Code.LINK_TO_ITSELF: Words("文件不可連結至自己。", "A document cannot be linked to itself."),
    Code.SUPERSEDES_IN_CIRCLE: Words(
        "該文件已直接或間接取代此文件，不可互相取代。",
        "That document took this one's place, or one whose place it took did; they cannot replace each other.",
    ),
    Code.STAGE_FORBIDS: Words(
        "文件現為「{stage}」，不可進行「{step}」。", "The version is {stage}, so the step {step} is not possible."
    ),
    Code.NOT_READ_YET: Words(
        "文件尚未讀取完成，請稍後再試。", "The document has not been read yet; try again shortly."
    ),
    Code.VERSION_OVERTAKEN: Words(
        "同時有人加入了新版本，請再試。", "Another version was added at the same moment; try again."
    ),
    Code.REVIEW_OPEN: Words(
        "尚有 {open} 項未核對，請先確認或更正。",
        "Still to be reviewed: {open}. Confirm or correct what is asked first.",
    ),
    Code.PURPOSE_REQUIRED: Words(
        "內容含有身份證號碼或屬機密，須以 Unmask-Purpose 說明用途。",
        "This shows an identity card number or is confidential: state a purpose in Unmask-Purpose.",
    ),
    Code.DAR_HOLD: Words(
        "此文件涉及處理中的查閱資料要求，答覆之前不可更改或撤回（第 19(3)(a) 條）。",
        "The document is part of a data access request that is not answered yet: it is neither changed nor withdrawn until then "
        "(PDPO s.19(3)(a)).",
    ),
    Code.DOCUMENT_HELD: Words(
        "文件受法律保全（{matters}），不得撤回。",
        "The document is held ({matters}) and may not be withdrawn.",
    ),
    Code.ALREADY_CONFIRMED: Words("文件內容已確認。", "The document is confirmed already."),
    Code.NO_STOCK_DOCUMENT: Words(
        "只有送貨單或退貨單可以調整倉存。", "Only a delivery note or a return note can adjust stock."
    ),
    Code.ALREADY_ADJUSTED: Words(
        "此文件已於第 {index} 項調整倉存。", "Stock was adjusted from this document already, by entry {index}."
    ),
    Code.ROW_WITHOUT_SKU: Words(
        "第 {row} 行沒有登記冊內的貨品編號：請更正為已登記的編號，或先登記該貨品。",
        "Row {row} has no SKU that is in the register: correct it to one that is, or register the SKU first.",
    ),
    Code.ROW_WITHOUT_QUANTITY: Words("第 {row} 行未有數量，請先更正。", "Row {row} has no quantity: correct it first."),
    Code.STORE_MISSING: Words("文件不屬任何分店，請指明分店。", "The document belongs to no store: name one."),
    Code.CONTENT_GONE: Words("文件內容已銷毀。", "The document's content is destroyed."),
    Code.FILE_REFUSED: Words("檔案不獲接納：{detail}", "The file was refused: {detail}"),
    Code.FILE_INFECTED: Words("檔案含惡意程式，已拒收。", "The file holds malware and was refused."),
    Code.FILE_TOO_LARGE: Words("檔案最多只可有 {max} 個位元組。", "A file may have at most {max} bytes."),
    Code.UPLOAD_OFFSET_DIFFERS: Words(
        "上載應由第 {offset} 個位元組繼續。", "The upload goes on at byte {offset}; ask with HEAD and send from there."
    ),
    Code.UPLOAD_EXPIRED: Words("上載已逾時，請重新開始。", "The upload has expired; begin again."),
    Code.UPLOAD_ENDED: Words("上載已結束（{stage}）。", "The upload has ended ({stage})."),
    Code.UPLOAD_BUSY: Words("上載正在處理中，請稍後再試。", "The upload is being worked on; try again shortly."),
    Code.UPLOADS_TOO_MANY: Words(
        "同時進行的上載過多（最多 {max} 個）。", "Too many uploads are under way: at most {max} at once."
    ),
    Code.UPLOAD_DAY_FULL: Words(
        "24 小時內上載的總量已達上限（{max} 個位元組）。",
        "What may be uploaded within 24 hours is used up: {max} bytes.",
    ),
    Code.SPOOL_FULL: Words(
        "未處理的上載已佔滿暫存空間，請稍後再試。",
        "Uploads that are not finished fill the space kept for them; try again later.",
    ),
    Code.CHECKSUM_DIFFERS: Words("檢查碼不符，請重新傳送這一段。", "The checksum differs; send this part again."),
    Code.CHECKSUM_ALGORITHM: Words(
        "不支援的檢查碼。可用：{expected}。", "The checksum cannot be read. Expected one of: {expected}."
    ),
    Code.TUS_VERSION: Words("只支援 tus {expected}。", "Only tus {expected} is spoken: send Tus-Resumable."),
    Code.UPLOAD_LENGTH: Words(
        "Upload-Length 必須為 1 至 {max} 的整數。", "Upload-Length must be a whole number from 1 to {max}."
    ),
    Code.UPLOAD_METADATA: Words("無法讀取 Upload-Metadata。", "Upload-Metadata cannot be read."),
    Code.RANGE_NOT_SATISFIABLE: Words(
        "所要求的範圍超出檔案（共 {size} 個位元組）。", "The range lies outside the file, which has {size} bytes."
    ),
}
