"""The words of a certificate of destruction on paper, in Traditional Chinese (Hong Kong) and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from documents.rendering.sheets import Words

TITLE: Final = Words("銷毀證明", "Certificate of Destruction")
NOTE: Final = Words(
    "本頁供閱讀之用。附於本 PDF 的 JSON 檔案才是可離線驗證的證明：chopbook disposal verify。",
    "This paper is for reading. What can be verified offline is the JSON file attached to this PDF: "
    "chopbook disposal verify.",
)

ISSUE: Final = Words("證明", "The certificate")
NUMBER: Final = Words("編號", "Number")
LOG: Final = Words("審計紀錄", "Audit log")
CERTIFIED_AT: Final = Words("發出時間", "Issued at")
PLAN: Final = Words("獲批核預覽的摘要", "Digest of the approved preview")

AUTHORITY: Final = Words("保留及處置依據", "Authority")
CHECKED: Final = Words("依據於 {day} 核實", "authority checked on {day}")

DECISIONS: Final = Words("決定及法律保全", "Decisions and holds")
PROPOSED: Final = Words("提出", "Proposed")
APPROVED: Final = Words("由另一人批核", "Approved by another person")
BEGUN: Final = Words("開始銷毀", "Destruction begun")
BY_ENTRY: Final = Words("紀錄第 {entry} 項", "entry {entry}")
HOLDS: Final = Words("法律保全檢查", "Hold check")
NONE_HELD: Final = Words("開始銷毀時有效的法律保全：{count} 項", "Holds standing when it began: {count}")

METHOD: Final = Words("銷毀方法", "Method")
METHODS: Final[Mapping[str, Words]] = {
    "key_destroyed_objects_deleted": Words(
        "銷毀每項紀錄的加密金鑰，並刪除其物件；鎖定期未滿的物件除外，見下文。",
        "Each record's encryption key was destroyed and its objects were deleted, save those still locked, below.",
    ),
}

RECORDS: Final = Words("紀錄（共 {count} 項）", "Records ({count})")
CLASS: Final = Words("類別 {own}；保留類別 {kept}", "class {own}; class for retention {kept}")
DUE: Final = Words("自 {day} 起可處置；依據 {schedules}", "due since {day}, by {schedules}")
DISPOSE_BY: Final = Words("最遲須於 {day} 處置", "to be disposed of by {day}")
CLOCK: Final = Words("保留期由 {day} 起計（{trigger}）", "clock started on {day} ({trigger})")
CLOCK_UNKNOWN: Final = Words("沒有記錄起計日", "the day its clock started is not recorded")
KEY: Final = Words("已銷毀金鑰 {id}，紀元 {epoch}", "destroyed key {id}, epoch {epoch}")
STRAYS: Final = Words("另刪除未登記物件 {count} 個", "unregistered objects deleted besides: {count}")
GONE: Final = Words("已刪除的物件", "Objects deleted")
SEALED: Final = Words("密文", "ciphertext")
KEPT: Final = Words("仍鎖定的物件", "Objects still locked")
MORE: Final = Words("其餘", "The rest")
LOCKED: Final = Words("鎖定至 {until}（{mode}）", "locked until {until} ({mode})")
MORE_OBJECTS: Final = Words(
    "尚有 {count} 個物件，只列於所附檔案。", "{count} more objects are listed in the attached file alone."
)

RESIDUAL: Final = Words("剩餘副本", "Residual copies")
UNTIL: Final = Words("最遲至 {until}", "until {until} at the latest")
STAYS: Final = Words("仍鎖定的物件", "Objects still locked")
EPOCHS: Final = Words("金鑰庫備份", "Backups of the key store")
EPOCHS_OPEN: Final = Words(
    "載有紀元 {epochs} 的舊備份，在該紀元更替並銷毀之前，仍可解開已銷毀紀錄的副本。",
    "Old backups that hold epoch {epochs} open copies of what was destroyed until that epoch is rolled and destroyed.",
)
OPENINGS: Final = Words("曾被開啟", "Openings recorded")
OPENINGS_COUNT: Final = Words(
    "銷毀前已記錄的開啟或取出：{count} 次；當時取走的副本不在本系統控制範圍。",
    "Openings recorded before: {count}. What was taken then is out of this system's reach.",
)
MORE_COPIES: Final = Words("尚有 {count} 次，不在此列出。", "{count} more are not listed here.")

PROOF: Final = Words("證據", "Proof")
ENTRY: Final = Words("紀錄項目", "Log entry")
LEAF: Final = Words("葉雜湊", "Leaf hash")
CHECKPOINT: Final = Words("檢查點", "Checkpoint")
KEY_OF_LOG: Final = Words("驗證公鑰", "Verifier key")
FILE: Final = Words("所附檔案的 SHA-256", "SHA-256 of the attached file")
