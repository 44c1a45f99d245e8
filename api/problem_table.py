"""The one table of problem kinds: status, title and detail in both languages.

- What this room finds is worded here; what the stock room finds is worded there, and listed here with it.
- Placeholders in braces are filled with values of ours (limits, positions, codes), never with a value a caller sent.
"""

from typing import Final

from api.languages import Wording
from api.problem_codes import Code, Kind, kind
from cases.sentences import CONFLICTS as CASE_CONFLICTS
from cases.sentences import SENTENCES as CASE_SENTENCES
from documents.sentences import SENTENCES as DOCUMENT_SENTENCES
from documents.sentences import Code as DocumentCode
from policies.codes import Code as PolicyCode
from policies.reasons import REASONS
from retention.disposal.errors import SENTENCES as DISPOSAL_SENTENCES
from retention.disposal.errors import Code as DisposalCode
from retention.errors import SENTENCES as RETENTION_SENTENCES
from retention.errors import Code as RetentionCode
from stock.sentences import SENTENCES
from stock.sentences import Code as StockCode

_HTTP: Final = (
    kind(
        Code.BAD_REQUEST,
        400,
        ("Bad request", "The request breaks the rules of HTTP, for example in its Host header or its path."),
        ("請求有誤", "請求不符合 HTTP 規則，例如 Host 標頭或路徑有誤。"),
    ),
    kind(
        Code.NOT_FOUND,
        404,
        ("Not found", "There is nothing here, or nothing that you may see."),
        ("找不到", "這裏沒有任何內容，或沒有你可查閱的內容。"),
    ),
    kind(
        Code.METHOD_NOT_ALLOWED,
        405,
        ("Method not allowed", "This address does not take this method; the Allow header lists those it takes."),
        ("不接受此方法", "此網址不接受這個方法；可用的方法列於 Allow 標頭。"),
    ),
    kind(
        Code.HEADER_REPEATED,
        400,
        ("Repeated header", "The header {name} may stand only once: of two, nobody could tell which was meant."),
        ("標頭重複", "標頭 {name} 只可出現一次：若有兩個，便無從得知以哪個為準。"),
    ),
    kind(
        Code.BODY_MISSING,
        400,
        ("Body missing", "This request needs a body, and none was sent."),
        ("欠缺內容", "此請求須附內容，但沒有收到任何內容。"),
    ),
    kind(
        Code.BODY_TOO_LARGE,
        413,
        ("Body too large", "The body may have at most {max} bytes."),
        ("內容過大", "內容最多只可有 {max} 個位元組。"),
    ),
    kind(
        Code.BODY_TOO_SLOW,
        408,
        (
            "Body too slow",
            "The body came below {min} bytes a second, or paused for over {pause} seconds; what a resumable upload has is kept.",
        ),
        ("傳送太慢", "內容傳送慢於每秒 {min} 個位元組，或停頓超過 {pause} 秒。可續傳的上載已收到的部分會保留。"),
    ),
    kind(
        Code.MEDIA_TYPE_UNSUPPORTED,
        415,
        ("Media type not supported", "Send the body as {expected}."),
        ("不支援的媒體類型", "請以 {expected} 傳送內容。"),
    ),
    kind(
        Code.CHARSET_UNSUPPORTED,
        415,
        ("Charset not supported", "The Content-Type names the charset {charset}; send UTF-8."),
        ("不支援的字元集", "Content-Type 註明字元集為 {charset}；請以 UTF-8 傳送。"),
    ),
    kind(
        Code.CONTENT_CODING_UNSUPPORTED,
        415,
        ("Content coding not supported", "Compressed bodies are not read; send the body without Content-Encoding."),
        ("不支援的內容編碼", "不接受壓縮內容；請勿使用 Content-Encoding。"),
    ),
)

_JSON: Final = (
    kind(
        Code.WRONG_ENCODING,
        400,
        ("Not UTF-8", "The bytes are not UTF-8 (from byte {offset} on); they look like {encoding}. Send UTF-8."),
        ("不是 UTF-8", "內容並非 UTF-8（由第 {offset} 個位元組起），似乎是 {encoding}。請以 UTF-8 傳送。"),
    ),
    kind(
        Code.CHARACTER_CUT,
        400,
        ("Cut inside a character", "The body ends in the middle of a UTF-8 character, as if it had been cut short."),
        ("字元不完整", "內容在一個 UTF-8 字元中間終止，似乎在傳送中被截斷。"),
    ),
    kind(
        Code.BYTE_ORDER_MARK,
        400,
        ("Byte order mark", "The body starts with a UTF-8 byte order mark, which JSON does not have. Leave it out."),
        ("位元組順序記號", "內容以 UTF-8 位元組順序記號（BOM）開始，JSON 不應有此記號。請刪去。"),
    ),
    kind(
        Code.NOT_JSON,
        400,
        ("Not JSON", "The body is not JSON: it cannot be read from line {at_line}, column {at_column} on."),
        ("不是 JSON", "內容並非 JSON：由第 {at_line} 行第 {at_column} 個字元起無法讀取。"),
    ),
    kind(
        Code.NDJSON_TRUNCATED,
        400,
        ("NDJSON cut short", "Line {at_line}, the last, ends before its row does. Nothing of the call was recorded."),
        ("NDJSON 不完整", "最後一行（第 {at_line} 行）未完結便終止。這次請求沒有記錄任何一行。"),
    ),
    kind(
        Code.DUPLICATE_MEMBER,
        400,
        ("Duplicate member", "The same member name stands twice in one object."),
        ("欄位重複", "同一物件內有重複的欄位名稱。"),
    ),
    kind(
        Code.LONE_SURROGATE,
        400,
        (
            "Lone surrogate",
            "The text holds half of a UTF-16 surrogate pair (\\ud800 to \\udfff), which is no character.",
        ),
        ("孤立代理碼", "文字含有半個 UTF-16 代理碼（\\ud800 至 \\udfff），並非有效字元。"),
    ),
    kind(
        Code.NUL_CHARACTER,
        400,
        ("NUL character", "The text holds a NUL character (\\u0000)."),
        ("NUL 字元", "文字含有 NUL 字元（\\u0000）。"),
    ),
    kind(
        Code.NESTED_TOO_DEEP,
        400,
        ("Nested too deep", "Objects and lists may be nested at most {max} deep."),
        ("層數過多", "物件及清單最多只可有 {max} 層。"),
    ),
    kind(
        Code.TOO_MANY_ROWS,
        413,
        ("Too many rows", "One call takes at most {max} rows. Send the rest in further calls."),
        ("行數過多", "每次最多只可傳送 {max} 行。其餘請分次傳送。"),
    ),
    kind(
        Code.NO_ROWS,
        400,
        ("No rows", "The body holds no row."),
        ("沒有資料行", "內容沒有任何資料行。"),
    ),
    kind(
        Code.ROW_COUNT_DIFFERS,
        400,
        ("Number of rows differs", "The call announced {expected} rows and brought {got}. Nothing was recorded."),
        ("行數不符", "請求註明有 {expected} 行，實際收到 {got} 行。沒有記錄任何一行。"),
    ),
)

_PARAMETERS: Final = (
    kind(
        Code.PARAMETER_UNKNOWN,
        400,
        ("Unknown parameter", "There is no query parameter of this name here. Expected one of: {expected}."),
        ("不明參數", "此處沒有這個查詢參數。可用的參數：{expected}。"),
    ),
    kind(
        Code.PARAMETER_REPEATED,
        400,
        ("Repeated parameter", "This query parameter may stand only once."),
        ("參數重複", "此查詢參數只可出現一次。"),
    ),
    kind(
        Code.PARAMETERS_EXCLUDE,
        400,
        ("Parameters exclude each other", "Only one of these parameters may be given: {names}."),
        ("參數互相排斥", "以下參數只可提供其中一個：{names}。"),
    ),
    kind(
        Code.UUID_FORM,
        422,
        ("Not a UUID", "Expected a UUID, such as 01890a5d-ac96-774b-bcce-b302099a8057."),
        ("並非 UUID", "這裏必須是 UUID，例如 01890a5d-ac96-774b-bcce-b302099a8057。"),
    ),
    kind(
        Code.CURSOR_INVALID,
        400,
        ("Cursor not valid", "The cursor is not one that this list gave out. Start again from the first page."),
        ("分頁游標無效", "此游標並非由這個清單發出。請由第一頁重新開始。"),
    ),
    kind(
        Code.RANGE_REVERSED,
        422,
        ("Range reversed", "The end of the range lies before its start."),
        ("範圍顛倒", "範圍的終點在起點之前。"),
    ),
    kind(
        Code.SIZE_BEYOND_LOG,
        404,
        ("Tree size not reached", "The log has {size} entries; it has not reached the size asked for."),
        ("紀錄未達此大小", "審計紀錄現有 {size} 項，未達所查詢的大小。"),
    ),
    kind(
        Code.INDEX_BEYOND_LOG,
        404,
        (
            "No such entry",
            "Entries are counted from 0, and there are {size} of them, at the size asked for if one was.",
        ),
        ("沒有此項紀錄", "編號由 0 開始，共有 {size} 項（如有指明大小，則以該大小計）。"),
    ),
)

_CALLERS: Final = (
    kind(
        Code.NOT_AUTHENTICATED,
        401,
        ("Not signed in", "Send an access token or an API key in the Authorization header, as “Bearer …”."),
        ("未登入", "請在 Authorization 標頭以「Bearer …」提供存取權杖或 API 金鑰。"),
    ),
    kind(
        Code.CREDENTIALS_MALFORMED,
        401,
        ("Credentials cannot be read", "The Authorization header must be “Bearer”, one space, and a token or API key."),
        ("無法讀取憑證", "Authorization 標頭必須為「Bearer」、一個空格，再加權杖或 API 金鑰。"),
    ),
    kind(
        Code.TOKEN_INVALID,
        401,
        ("Token not valid", "The access token was not issued for this service, or it has been altered."),
        ("權杖無效", "此存取權杖並非為本服務簽發，或已被更改。"),
    ),
    kind(
        Code.TOKEN_EXPIRED,
        401,
        ("Token expired", "The access token has expired. Sign in again."),
        ("權杖已過期", "存取權杖已過期。請重新登入。"),
    ),
    kind(
        Code.TOKEN_NOT_YET_VALID,
        401,
        ("Token not yet valid", "The access token is not valid yet. Compare the clocks of the two machines."),
        ("權杖未生效", "存取權杖尚未生效。請核對兩部機器的時鐘。"),
    ),
    kind(
        Code.TOKEN_FOR_SOMEBODY_ELSE,
        401,
        ("Token not for this service", "The access token names another issuer or another audience."),
        ("權杖不屬本服務", "存取權杖註明的簽發者或對象並非本服務。"),
    ),
    kind(
        Code.TOKEN_KEYS_UNAVAILABLE,
        503,
        ("Sign-in keys unavailable", "The identity provider's keys cannot be read just now. Try again shortly."),
        ("登入金鑰暫不可用", "暫時無法讀取身分提供者的金鑰。請稍後再試。"),
    ),
    kind(
        Code.ACTING_FOR_UNFIT,
        400,
        ("Acting for somebody", "Only a machine client with an API key can act for a person."),
        ("代他人行事", "只有持 API 金鑰的用戶端才可代他人行事。"),
    ),
    kind(
        Code.SIGN_IN_FOR_PEOPLE,
        422,
        ("For people only", "An API key is for programs. People sign in to the pages with a token of their own."),
        ("只供人員登入", "API 金鑰供程式使用。人員須以自己的權杖登入網頁。"),
    ),
    kind(
        Code.FORM_FOREIGN,
        403,
        (
            "Form not accepted",
            "What was sent did not come from a page of this service, or from one of an earlier sign-in. Open the page again.",
        ),
        ("不接受此表格", "所傳送的內容並非來自本服務的網頁，或來自較早一次登入的網頁。請重新開啟該頁。"),
    ),
    kind(
        Code.TOO_MANY_STREAMS,
        503,
        ("Too many live streams", "This server follows the log for at most {max} callers at once. Try again shortly."),
        ("即時串流過多", "本伺服器最多同時提供 {max} 個即時串流。請稍後再試。"),
    ),
)

_LOG: Final = (
    kind(
        Code.ENTRY_TOO_LARGE,
        413,
        ("Entry too large", "An entry of the log may have at most 65,535 bytes."),
        ("紀錄過大", "每項審計紀錄最多只可有 65,535 個位元組。"),
    ),
    kind(
        Code.LOG_BUSY,
        503,
        ("Log busy", "More changes are waiting than the log takes. Nothing was recorded; try again."),
        ("紀錄繁忙", "等候記錄的更改過多。今次沒有記錄任何內容，請稍後再試。"),
    ),
    kind(
        Code.LOG_CLOSED,
        503,
        ("Service stopping", "This server is stopping. Nothing was recorded; try again."),
        ("服務正在停止", "伺服器正在停止。今次沒有記錄任何內容，請稍後再試。"),
    ),
    kind(
        Code.STORAGE_FAILED,
        503,
        ("Database unavailable", "The database did not take the request. Nothing was recorded; try again."),
        ("資料庫暫不可用", "資料庫未能處理請求。今次沒有記錄任何內容，請稍後再試。"),
    ),
    kind(
        Code.COMMIT_UNKNOWN,
        503,
        (
            "Outcome unknown",
            "It is not known whether the change was recorded. Send it again with the same event_id: it counts once.",
        ),
        ("結果未明", "未能確認更改是否已記錄。請以相同的 event_id 再傳送一次，只會記錄一次。"),
    ),
    kind(
        Code.NO_CHECKPOINT,
        404,
        ("No checkpoint of this size", "No checkpoint was published at this tree size."),
        ("沒有此大小的檢查點", "此大小沒有已公布的檢查點。"),
    ),
    kind(
        Code.JOB_FINISHED,
        409,
        ("Job finished", "The job has ended already ({state})."),
        ("工作已完結", "此工作已經完結（{state}）。"),
    ),
    kind(
        Code.SCHEDULE_UNCHANGED,
        409,
        ("Schedule stands so already", "The schedule is paused already, or going on already."),
        ("排程狀態不變", "排程已暫停，或已在進行中。"),
    ),
    kind(
        Code.INTERNAL,
        500,
        ("Internal error", "Something went wrong on our side. Tell the operator the request id."),
        ("內部錯誤", "系統發生錯誤。請將請求編號告知系統管理員。"),
    ),
)

_DOCUMENTS: Final = (
    kind(
        Code.OBJECT_STORE_UNAVAILABLE,
        503,
        ("Object store unavailable", "The store of documents cannot be reached just now. Nothing is lost; try again."),
        ("文件庫暫不可用", "暫時無法連接文件庫。沒有遺失任何內容，請稍後再試。"),
    ),
    kind(
        Code.PARSER_UNAVAILABLE,
        503,
        ("File checks unavailable", "The file could not be looked at just now. Nothing is lost; try again."),
        ("檔案檢查暫不可用", "暫時無法檢查檔案。沒有遺失任何內容，請稍後再試。"),
    ),
    kind(
        Code.PRINT_FONT_MISSING,
        503,
        (
            "Font missing",
            "This server has no Chinese font to print with; its operator installs fonts-noto-cjk. JSON can be had.",
        ),
        ("欠缺字型", "伺服器沒有可供列印的中文字型，請系統管理員安裝 fonts-noto-cjk。JSON 格式的證明不受影響。"),
    ),
    kind(
        Code.FORM_ORDER,
        400,
        ("Fields before the file", "In a form, every field must stand before the file."),
        ("欄位次序有誤", "表格內所有欄位必須在檔案之前。"),
    ),
    kind(
        Code.HEADER_FORM,
        400,
        ("Header not valid", "The header {name} cannot be read, or is missing."),
        ("標頭無效", "無法讀取標頭 {name}，或欠缺此標頭。"),
    ),
)

_FINDING_AND_TELLING: Final = (
    kind(
        Code.NOTICE_INVALID,
        422,
        ("Request not valid", "Not what this member must be: {reason}."),
        ("請求內容不符", "此欄不符合要求：{reason}。"),
    ),
    kind(
        Code.NOTHING_TO_FIND,
        422,
        ("Request not valid", "Expected 1 to {max} words with a letter, digit or character in each to look for."),
        ("請求內容不符", "請輸入 1 至 {max} 個詞，每個須含文字、字母或數字。"),
    ),
    kind(
        Code.SEARCH_UNAVAILABLE,
        503,
        ("Search not available", "The search index cannot be used now. Documents are not affected; try again."),
        ("暫時未能搜尋", "搜尋索引暫時不可用；文件不受影響，請稍後再試。"),
    ),
)

INVALID_TITLE: Final = Wording("Request not valid", "請求內容不符")
UNKNOWN_TITLE: Final = Wording("Not known", "沒有此項")
CONFLICT_TITLE: Final = Wording("Conflicts with how things stand", "與現況不符")
GONE_TITLE: Final = Wording("Gone", "已不存在")
UPLOAD_TITLE: Final = Wording("Upload cannot go on", "未能繼續上載")
UNAUTHENTICATED_TITLE: Final = Wording("Sign-in not accepted", "未能登入")
DENIED_TITLE: Final = Wording("Not allowed", "不獲准許")
BOUNDED_TITLE: Final = Wording("Too many calls", "請求過多")

STATUSES_BELOW: Final[dict[str, tuple[int, Wording]]] = {
    code: (status, title)
    for status, title, codes in (
        (
            401,
            UNAUTHENTICATED_TITLE,
            (
                PolicyCode.KEY_MALFORMED,
                PolicyCode.KEY_UNKNOWN,
                PolicyCode.KEY_EXPIRED,
                PolicyCode.KEY_REVOKED,
                PolicyCode.PRINCIPAL_UNKNOWN,
                PolicyCode.PRINCIPAL_CLOSED,
                PolicyCode.PRINCIPAL_ERASED,
                PolicyCode.STEP_UP_REQUIRED,
                PolicyCode.SESSION_OVER,
            ),
        ),
        (
            403,
            DENIED_TITLE,
            (
                PolicyCode.ROLE_LACKS_ACTION,
                PolicyCode.SCOPE_MISSING,
                PolicyCode.WHOLE_ORGANISATION_NEEDED,
                PolicyCode.STORE_NOT_NAMED,
                PolicyCode.STORE_OUT_OF_REACH,
                PolicyCode.ACTING_FOR_NOT_A_PERSON,
                PolicyCode.OWN_APPROVAL,
                PolicyCode.APPROVER_NOT_A_PERSON,
                PolicyCode.PURPOSE_NEEDED,
                PolicyCode.DPP3_NEW_PURPOSE,
                PolicyCode.EXEMPTION_LIFTS_OTHER,
                PolicyCode.EXEMPTION_EVIDENCE_MISSING,
                PolicyCode.ENGAGEMENT_OVER,
                PolicyCode.CLASS_OUT_OF_REACH,
                PolicyCode.TIME_OUT_OF_REACH,
                PolicyCode.BREAK_GLASS_BARRED,
                PolicyCode.OWN_REVIEW,
                PolicyCode.NOT_TOLD,
                PolicyCode.MONITORING_CASE_NEEDED,
                PolicyCode.NOT_PROPOSER,
            ),
        ),
        (
            409,
            CONFLICT_TITLE,
            (
                StockCode.REASON_RETIRED,
                StockCode.REASON_EXISTS,
                StockCode.LOT_EXISTS,
                StockCode.LOT_EXPIRY_DIFFERS,
                StockCode.SKU_EXISTS,
                StockCode.GTIN_TAKEN,
                StockCode.LOT_TRACKING_IN_USE,
                StockCode.STOCK_NEGATIVE,
                StockCode.APPROVAL_NEEDED,
                StockCode.BALANCE_TOO_LARGE,
                StockCode.NOTHING_CHANGED,
                StockCode.NOT_CORRECTABLE,
                StockCode.ALREADY_CORRECTED,
                StockCode.STOCKTAKE_IS_OPEN,
                StockCode.STOCKTAKE_NOT_OPEN,
                StockCode.STOCKTAKE_FULL,
                StockCode.STOCKTAKE_EMPTY,
                StockCode.EVENT_ID_REUSED,
                StockCode.BATCH_REFUSED,
                PolicyCode.AREA_EXISTS,
                PolicyCode.STORE_EXISTS,
                PolicyCode.ID_TAKEN,
                PolicyCode.ALREADY_SO,
                PolicyCode.ALREADY_ASSIGNED,
                PolicyCode.NOT_ASSIGNED,
                PolicyCode.ASSIGNMENTS_UNFIT,
                PolicyCode.ALREADY_REVOKED,
                PolicyCode.ALREADY_ERASED,
                PolicyCode.PERSON_NEEDED,
                PolicyCode.OWN_ACCOUNT,
                PolicyCode.GRANT_OVER,
                PolicyCode.GRANT_OVERLAPS,
                PolicyCode.NOT_AN_AUDITOR,
                PolicyCode.SECOND_PERSON_UNFIT,
                PolicyCode.ALREADY_REVIEWED,
                PolicyCode.ALREADY_ACKNOWLEDGED,
                PolicyCode.BUNDLE_EXISTS,
                PolicyCode.BUNDLE_STATE,
                PolicyCode.BUNDLE_BASE_MOVED,
                PolicyCode.BUNDLE_FAULTY,
                PolicyCode.BUNDLE_UNREADABLE,
                PolicyCode.BUNDLE_READABLE,
                PolicyCode.ACKNOWLEDGEMENT_NEEDED,
                PolicyCode.PENDING_SETTLED,
                PolicyCode.PENDING_EXPIRED,
                PolicyCode.PENDING_CHANGED,
                PolicyCode.PROCESSOR_NO_CONTRACT,
                DocumentCode.CLASS_EXISTS,
                DocumentCode.CLASS_RETIRED,
                DocumentCode.SUPPLIER_EXISTS,
                DocumentCode.SUPPLIER_RETIRED,
                DocumentCode.ALREADY_FILED,
                DocumentCode.NOT_FILED,
                DocumentCode.ALREADY_TAGGED,
                DocumentCode.NOT_TAGGED,
                DocumentCode.ALREADY_LINKED,
                DocumentCode.NOT_LINKED,
                DocumentCode.LINK_TO_ITSELF,
                DocumentCode.SUPERSEDES_IN_CIRCLE,
                DocumentCode.STAGE_FORBIDS,
                DocumentCode.PURPOSE_REQUIRED,
                DocumentCode.NOT_READ_YET,
                DocumentCode.VERSION_OVERTAKEN,
                DocumentCode.REVIEW_OPEN,
                DocumentCode.DAR_HOLD,
                DocumentCode.DOCUMENT_HELD,
                DocumentCode.ALREADY_CONFIRMED,
                DocumentCode.NO_STOCK_DOCUMENT,
                DocumentCode.ALREADY_ADJUSTED,
                DocumentCode.ROW_WITHOUT_SKU,
                DocumentCode.ROW_WITHOUT_QUANTITY,
                DisposalCode.DISPOSAL_NOT_DUE,
                DisposalCode.DISPOSAL_HELD,
                DisposalCode.DISPOSAL_CLAIMED,
                DisposalCode.DISPOSAL_STATE,
                DisposalCode.DISPOSAL_EXPIRED,
                DisposalCode.DISPOSAL_PERSONS,
                DisposalCode.DISPOSAL_PREVIEW,
                DisposalCode.DISPOSAL_NOT_CERTIFIED,
            ),
        ),
        (409, UPLOAD_TITLE, (DocumentCode.UPLOAD_OFFSET_DIFFERS, DocumentCode.UPLOAD_ENDED)),
        (409, CONFLICT_TITLE, CASE_CONFLICTS),
        (410, GONE_TITLE, (DocumentCode.CONTENT_GONE, DocumentCode.UPLOAD_EXPIRED)),
        (412, UPLOAD_TITLE, (DocumentCode.TUS_VERSION,)),
        (413, UPLOAD_TITLE, (DocumentCode.FILE_TOO_LARGE,)),
        (416, INVALID_TITLE, (DocumentCode.RANGE_NOT_SATISFIABLE,)),
        (423, UPLOAD_TITLE, (DocumentCode.UPLOAD_BUSY,)),
        (429, BOUNDED_TITLE, (DocumentCode.UPLOADS_TOO_MANY, DocumentCode.UPLOAD_DAY_FULL)),
        (503, UPLOAD_TITLE, (DocumentCode.SPOOL_FULL,)),
        (460, UPLOAD_TITLE, (DocumentCode.CHECKSUM_DIFFERS,)),
        (
            409,
            CONFLICT_TITLE,
            (
                RetentionCode.SCHEDULE_VERSION_TAKEN,
                RetentionCode.SCHEDULES_THERE,
                RetentionCode.RETENTION_UNCHANGED,
                RetentionCode.HOLD_EXISTS,
                RetentionCode.HOLD_ENDED,
                RetentionCode.HOLD_TOO_LATE,
                RetentionCode.HOLD_RELEASE_WAITS,
                RetentionCode.HOLD_OF_CASE,
                RetentionCode.RECORD_HELD,
                RetentionCode.LOCK_MODE_WITHOUT_LAW,
                RetentionCode.LOCK_MODE_LATER,
            ),
        ),
        (429, BOUNDED_TITLE, (PolicyCode.RATE_LIMITED, PolicyCode.QUOTA_EXCEEDED)),
    )
    for code in codes
}
"""Statuses of what rooms below word, where it is not 422; only these are shown when a kind is looked up."""


_NOT_OF_A_THING: Final = frozenset({StockCode.MEMBER_UNKNOWN, StockCode.CHOICE_UNKNOWN, StockCode.CURRENCY_UNKNOWN})
"""Codes of a wrong request, not of a thing that is not there."""


def _below(code: str, detail: Wording) -> Kind:
    title = UNKNOWN_TITLE if code.endswith("_unknown") and code not in _NOT_OF_A_THING else INVALID_TITLE
    status, title = STATUSES_BELOW.get(code, (422, title))
    return Kind(code, status, title, detail)


KINDS: Final[dict[str, Kind]] = {
    **{code.value: _below(code.value, Wording(words.en, words.zh)) for code, words in REASONS.items()},
    **{code.value: _below(code.value, Wording(words.en, words.zh)) for code, words in SENTENCES.items()},
    **{code.value: _below(code.value, Wording(words.en, words.zh)) for code, words in DOCUMENT_SENTENCES.items()},
    **{code.value: _below(code.value, Wording(words.en, words.zh)) for code, words in DISPOSAL_SENTENCES.items()},
    **{code.value: _below(code.value, Wording(words.en, words.zh)) for code, words in RETENTION_SENTENCES.items()},
    **{code.value: _below(code.value, Wording(words.en, words.zh)) for code, words in CASE_SENTENCES.items()},
    **{row.code: row for row in (*_HTTP, *_JSON, *_PARAMETERS, *_CALLERS, *_LOG, *_DOCUMENTS, *_FINDING_AND_TELLING)},
}
