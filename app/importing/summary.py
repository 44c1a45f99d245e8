"""What an import tells at its end, in both languages."""

from __future__ import annotations

from typing import Final

from audit.words import Words

IN_FILE: Final = Words("檔案內", "in the file")
LOGGED: Final = Words("已記錄", "logged")
REPLAYED: Final = Words("先前已記錄", "replayed")
REJECTED: Final = Words("拒收", "rejected")
ROWS: Final = Words("行數", "rows")
QUANTITY: Final = Words("數量", "quantity")
CHANGE: Final = Words("存貨變動", "stock change")
ADDS_UP: Final = Words(
    "行數和數量相符：檔案內 = 已記錄 + 先前已記錄 + 拒收",
    "rows and quantities add up: in the file = logged + replayed + rejected",
)
REJECTED_BY: Final = Words("  {rows} 行被拒收（{by}）：{code}", "  {rows} rejected {by}: {code}")
SKUS_CREATED: Final = Words("已建立 {count} 個貨品", "{count} SKUs created")
ENTRIES: Final = Words("紀錄第 {first} 至 {last} 項，用時 {seconds} 秒", "entries {first} to {last}, in {seconds} s")
REJECTS_AT: Final = Words("被拒收的行，連行號和原因：{place}", "rejected rows, with line and reason: {place}")
REHEARSED: Final = Words(
    "{rows} 行 = 將記錄 {logged} + 日誌已有 {replayed} + 拒收 {rejected}；沒有寫入任何內容",
    "{rows} rows = {logged} to log + {replayed} in the log already + {rejected} rejected; nothing was written",
)
SKUS_TO_CREATE: Final = Words("將建立的貨品：{count}", "SKUs to be created: {count}")
SKUS_MISSING: Final = Words(
    "沒有的貨品：{count}；所屬的行會被拒收", "SKUs missing: their rows would be rejected: {count}"
)
STORES_MISSING: Final = Words("不存在的分店：{codes}", "stores that do not exist: {codes}")
REASONS_MISSING: Final = Words("不存在的原因：{codes}", "reasons that do not exist: {codes}")
SKUS_ADDED: Final = Words(
    "{rows} 行 = 已建立 {created} + 不變 {unchanged} + 拒收 {rejected}",
    "{rows} rows = {created} created + {unchanged} unchanged + {rejected} rejected",
)
SKUS_REHEARSED: Final = Words(
    "{rows} 行 = 將建立 {created} + 不變 {unchanged} + 拒收 {rejected}",
    "{rows} rows = {created} would be created + {unchanged} unchanged + {rejected} rejected",
)
