"""Attacks and what became of them, in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policies.model import Words
from storage.objects.model import LockMode
from storage.objects.probe import Attack, Strength

ATTACK_WORDS: Final[Mapping[Attack, Words]] = {
    Attack.DELETE_VERSION: Words("刪除已鎖定的版本", "delete a locked version"),
    Attack.DELETE_BATCH: Words("以批次刪除已鎖定的版本", "delete a locked version in a batch"),
    Attack.DELETE_UNDER_HOLD: Words("刪除受法律保全的版本", "delete a version under legal hold"),
    Attack.SHORTEN: Words("縮短保留期", "shorten a retention"),
    Attack.WEAKEN: Words("將 COMPLIANCE 降為 GOVERNANCE", "weaken COMPLIANCE to GOVERNANCE"),
    Attack.SUSPEND_VERSIONING: Words("暫停版本控制", "suspend versioning"),
    Attack.OVERWRITE: Words("覆寫只可寫入一次的物件", "write over what is written once"),
}
STRENGTH_WORDS: Final[Mapping[Strength, Words]] = {
    Strength.ENFORCED: Words("已執行", "enforced"),
    Strength.NOT_ENFORCED: Words("接受但沒有執行", "accepted but not enforced"),
    Strength.UNSUPPORTED: Words("不支援", "unsupported"),
}
MODE_WORDS: Final[Mapping[LockMode, Words]] = {
    LockMode.GOVERNANCE: Words("GOVERNANCE：儲存庫管理員可解除", "GOVERNANCE: the store's administrator may lift it"),
    LockMode.COMPLIANCE: Words("COMPLIANCE：到期前任何人都不能解除", "COMPLIANCE: nobody lifts it before its day"),
}
