"""What each error of the core means, in both languages.

English is the error's own message. Chinese tells the kind of error, and the place of it where it has one; what was expected and got at that
place is for a reader of the format's page, and stays in English alone.
"""

from __future__ import annotations

from typing import Final

from audit import errors
from audit.words import Words

MEANINGS: Final[tuple[tuple[type[errors.AuditError], str], ...]] = (
    (errors.NotCanonical, "並非標準 JSON（RFC 8785）"),
    (errors.MalformedEntry, "並非格式正確的紀錄"),
    (errors.MalformedCommitment, "並非格式正確的承諾值"),
    (errors.MalformedKey, "並非可用的密鑰或驗證密鑰（vkey）"),
    (errors.MalformedCheckpoint, "並非格式正確的檢查點"),
    (errors.UntrustedNote, "沒有任何已知密鑰的簽署"),
    (errors.MalformedNote, "並非格式正確的簽署文件（signed note）"),
    (errors.MalformedTree, "沒有樹會有此大小或形狀"),
    (errors.MalformedProof, "並非格式正確的證明"),
    (errors.MalformedTile, "並非格式正確的樹塊"),
    (errors.WrongLog, "屬於另一個日誌"),
    (errors.InvalidProof, "證明不成立"),
    (errors.InvalidSignature, "簽署不符"),
    (errors.AuditError, "所給的內容不符格式，或未能驗證"),
)
"""Kinds of one kind stand before it."""


def words_of(error: errors.AuditError) -> Words:
    """What the error means; `path` is the place of those that have one."""
    chinese = next(meaning for kind, meaning in MEANINGS if isinstance(error, kind))
    path = getattr(error, "path", "")
    return Words(f"{path}：{chinese}" if path else chinese, str(error))
