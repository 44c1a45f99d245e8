"""What an export says in words: of each format, and how to check it. In written Chinese as used in Hong Kong, and in English."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from documents.classes import CSV, DOCX, HEIC, JPEG, PDF, PLAIN, PNG, TIFF, WEBP, XLSX
from policies.model import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMATS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        JPEG: Words("JPEG 圖像（ISO/IEC 10918）", "JPEG picture (ISO/IEC 10918)"),
        PNG: Words("PNG 圖像（ISO/IEC 15948）", "PNG picture (ISO/IEC 15948)"),
        WEBP: Words("WebP 圖像（RFC 9649）", "WebP picture (RFC 9649)"),
        HEIC: Words("HEIF／HEIC 圖像（ISO/IEC 23008-12）", "HEIF/HEIC picture (ISO/IEC 23008-12)"),
        TIFF: Words("TIFF 圖像（TIFF 6.0）", "TIFF picture (TIFF 6.0)"),
        PDF: Words("PDF 文件（ISO 32000）", "PDF document (ISO 32000)"),
        DOCX: Words("Office Open XML 文書（ISO/IEC 29500）", "Office Open XML text (ISO/IEC 29500)"),
        XLSX: Words("Office Open XML 試算表（ISO/IEC 29500）", "Office Open XML spreadsheet (ISO/IEC 29500)"),
        PLAIN: Words("純文字", "plain text"),
        CSV: Words("CSV 表格（RFC 4180）", "CSV table (RFC 4180)"),
    }
)
"""Every media type that can be a document, by the name of its standard."""
KEPT: Final = Words(
    "{format}；自首次定稿起逐位元組保存，從未轉換格式。",
    "{format}; kept byte for byte since its first final form, never converted.",
)
CLEANED: Final = Words(
    "{format}；封存前已移除位置、序號等資料（{stripped}），移除後為首次定稿，此後逐位元組保存，從未轉換格式。",
    "{format}; {stripped} were taken out before it was sealed. What was left is its first final form, kept byte for byte since, never converted.",
)

READMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "README.zh-Hant.txt": """\
此匯出檔的內容及核證方法

一、內容
  · 資料夾內每份文件的每個版本，與封存時逐位元組相同。
  · chopbook-manifest.json：逐項載列文件編號、版本、首次定稿的 SHA-256 及其承諾的鹽值、格式說明、
    來源（假名化的操作者及渠道）、接收及記錄時間、存放處（儲存桶及其申報的司法管轄區），
    以及未能匯出的項目和原因。
  · evidence/*.entry.json：日誌記項的正規位元組；evidence/*.tlog-proof：該記項在日誌樹中的證明及已簽署的檢查點。
    無權查閱日誌的人匯出時沒有這兩類檔案。

二、以 Chopbook 核證（毋須連接資料庫）
  chopbook documents check 檔案.zip --vkey 你另行取得的驗證公鑰

三、自行核證
  1. 對每個檔案計算 SHA-256，應等於清單中的 sha256。
  2. 以 HMAC-SHA-256 計算：密鑰為 commitment.salt，訊息為該 SHA-256 的 32 個位元組；結果應等於
     commitment.value，亦應等於 entry.json 內 data.commitment。
  3. 對 entry.json 的位元組計算 SHA-256(0x00 ‖ 位元組)，以 .tlog-proof 內的證明算出樹根（RFC 9162 第 2.1.3.2 條），
     應等於檢查點所載的樹根。
  4. 以你另行取得的公鑰驗證檢查點的簽署（C2SP signed-note）。只用清單內的公鑰，只能證明檔案前後一致。
  5. items_root 為各項目的 RFC 9162 樹根，與存放處及匯出時間無關：遷移儲存桶前後應相同。

四、不能證明的事
  文件內容是否真實；公鑰是否屬於該公司（請另行核對）；清單以外是否還有其他文件。
""",
        "README.en.txt": """\
What is in this export, and how to check it

1. What is in it
  - Every version of every document in the folder, byte for byte as it was sealed.
  - chopbook-manifest.json: for each item its document and version, the SHA-256 of its first final form and the salt of the
    commitment to it, a note on its format, where it came from (a pseudonymous actor, and the channel), when it was received and
    recorded, where it is kept (bucket, and the jurisdiction declared for it); and what was left out, and why.
  - evidence/*.entry.json: the canonical bytes of the log's entry; evidence/*.tlog-proof: the proof that the log's tree holds it, with
    the signed checkpoint. They are missing where whoever exported may not read the log.

2. To check it with Chopbook, without any database
  chopbook documents check FILE.zip --vkey A-VERIFIER-KEY-THAT-YOU-GOT-ELSEWHERE

3. To check it yourself
  1. The SHA-256 of each file is `sha256` in the manifest.
  2. HMAC-SHA-256 with `commitment.salt` as its key, over the 32 bytes of that SHA-256, is `commitment.value`, and is
     `data.commitment` in entry.json.
  3. SHA-256(0x00 || bytes) of entry.json, with the proof in .tlog-proof (RFC 9162 section 2.1.3.2), gives the root that the
     checkpoint names.
  4. The checkpoint is signed (C2SP signed-note) by a key that you got elsewhere. The key in the manifest shows only that the export
     agrees with itself.
  5. `items_root` is the RFC 9162 root of the items. It depends neither on where they are kept nor on when they were exported:
     before and after a move to another bucket it is the same.

4. What this does not show
  That what the documents say is true; that the key is the company's (compare it by another way); that there are no documents
  besides those in the manifest.
""",
    }
)


def format_note(media_type: str, stripped: str) -> Words:
    """What is said of the format of a version; `stripped` names what was taken out of a photo, if anything was."""
    name = FORMATS.get(media_type, Words(media_type, media_type))
    said = CLEANED if stripped else KEPT
    return Words(said.zh.format(format=name.zh, stripped=stripped), said.en.format(format=name.en, stripped=stripped))
