"""What a verification's verdicts, faults and limits say to people, in both languages.

- A code is for programs and never changes; its sentence explains it, and is shown beside it.
- Chinese is Traditional Chinese as written in Hong Kong.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from audit.faults import FaultKind, Limit, Report, Verdict
from audit.words import Words

VERDICT_WORDS: Final[dict[Verdict, Words]] = {
    Verdict.VALID_ANCHORED: Words(
        "有效並已錨定：與你在外保存的相符", "valid, and anchored: what you kept outside agrees"
    ),
    Verdict.VALID_UNANCHORED: Words(
        "有效，但只以日誌本身為憑；另行保存的檢查點和驗證密鑰可加以錨定",
        "valid, by the log's own word; a checkpoint and a verifier key that you kept elsewhere would anchor it",
    ),
    Verdict.TAMPERED: Words("遭竄改（TAMPERED）：有不成立之處", "TAMPERED: something does not hold"),
    Verdict.INCOMPLETE: Words(
        "未完成：未能查看所要求的全部", "incomplete: not everything asked for could be looked at"
    ),
    Verdict.UNKNOWN_KEY: Words(
        "檢查點並非由信任的密鑰簽署：其根雜湊不能證明甚麼",
        "no trusted key signed the checkpoint: its root proves nothing",
    ),
}

FAULT_WORDS: Final[dict[FaultKind, Words]] = {
    FaultKind.ALTERED: Words("此項的位元組與當初記錄的不同", "the entry has other bytes than those that were logged"),
    FaultKind.DELETED: Words(
        "此項曾經記錄，現已不見，而其後的仍在",
        "the entry that was logged here is missing, and later ones are still there",
    ),
    FaultKind.INSERTED: Words("存有從未記錄過的一項", "an entry is stored that was never logged"),
    FaultKind.MOVED: Words("記錄於另一位置的一項存於此處", "an entry that was logged elsewhere is stored here"),
    FaultKind.TRUNCATED: Words(
        "由此項至日誌末尾全部不見", "every entry from here to the end of the known log is missing"
    ),
    FaultKind.COLUMN_DISAGREES: Words(
        "資料列的欄位與該項的位元組不符", "a stored column of the entry is not what its bytes give"
    ),
    FaultKind.LINK_BROKEN: Words("此項所指的上一項並非實際的上一項", "the entry does not name the entry before it"),
    FaultKind.SUBJECT_CHAIN_BROKEN: Words(
        "此項在該對象的鏈上所指的上一項不符", "the entry does not name the one before it in a subject's chain"
    ),
    FaultKind.SUBJECT_ROW_DISAGREES: Words(
        "對象的資料列欠缺、多出，或與該項的位元組不符",
        "a row of the entry's subjects is missing, one too many, or not what its bytes give",
    ),
    FaultKind.TILE_WRONG: Words(
        "樹塊欠缺、多出，或並非由所代表的雜湊組成", "a stored tile is missing, one too many, or not made of its hashes"
    ),
    FaultKind.HEAD_WRONG: Words("日誌的頭部與各項不符", "the head of the log is not what the entries give"),
    FaultKind.ROOT_WRONG: Words(
        "根雜湊並非所指各項的根", "a root hash is not the root of the entries it claims to cover"
    ),
    FaultKind.SIGNATURE_BAD: Words("信任的密鑰在此的簽署不正確", "a signature of a trusted key is wrong"),
    FaultKind.KEY_UNKNOWN: Words(
        "並非由在此大小時信任的密鑰簽署", "it is signed by no key that is trusted at its tree size"
    ),
    FaultKind.NOT_CANONICAL: Words(
        "所存的位元組並非一項紀錄的標準位元組", "the stored bytes are not the canonical bytes of an entry"
    ),
    FaultKind.CHECKPOINT_WRONG: Words(
        "已公布的檢查點並非此日誌在該大小的檢查點", "a published checkpoint is not one of this log at that size"
    ),
    FaultKind.ORIGIN_WRONG: Words("所指的是另一個日誌的名稱", "it names the origin of another log"),
    FaultKind.TIME_BACKWARDS: Words(
        "此項的記錄時間早於上一項", "the entry was recorded earlier than the one before it"
    ),
}

LIMIT_WORDS: Final[dict[Limit, Words]] = {
    Limit.TAIL_UNANCHORED: Words(
        "末尾的項目有否連同其檢查點一併被刪去", "whether entries were cut off the end together with their checkpoints"
    ),
    Limit.REWRITE_UNANCHORED: Words(
        "持有日誌密鑰的人有否重寫項目", "whether whoever holds the log's key rewrote entries"
    ),
    Limit.KEY_SELF_ATTESTED: Words(
        "密鑰是否真確，因為只由日誌本身說明（須有外來的驗證密鑰）",
        "whether the key is the true one, since the log itself names it (a verifier key from outside would tell)",
    ),
    Limit.LEAVES_UNATTESTED: Words(
        "哪些項目與當初記錄的不同：此處可作證的已不見或互相矛盾",
        "which entries differ from what was logged: what could vouch for them here is missing or contradicted",
    ),
    Limit.SUBJECT_END_UNKNOWN: Words(
        "其後的項目有否也涉及此對象（請驗證整個日誌）",
        "whether later entries name the subject too (verify the whole log)",
    ),
    Limit.OUT_OF_SCOPE: Words("沒有要求查看的項目", "anything about entries that were not asked for"),
    Limit.KEY_ENTRY_LOST: Words(
        "簽署的密鑰是否正確，因為說明密鑰的一項已非當初所記錄（須有外來的驗證密鑰）",
        "whether the right key signed, the entry that names it not being as it was logged (a verifier key from outside would tell)",
    ),
    Limit.LOCALISING_STOPPED: Words("其餘的問題：數目太多，未能繼續", "further faults: there were too many to go on"),
    Limit.PUBLISHED_AT: Words(
        "檢查點何時公布：沒有簽署涵蓋公布時間", "when checkpoints were published: no signature covers it"
    ),
    Limit.SUBJECT_CHAINS_CUT: Words("如此大的檔案中所有對象的鏈", "the chains of all subjects of so large a file"),
}


_BY_CODE: Final[dict[str, Words]] = {
    code.value: words for table in (VERDICT_WORDS, FAULT_WORDS, LIMIT_WORDS) for code, words in table.items()
}


def words_of(codes: Iterable[str]) -> dict[str, dict[str, str]]:
    """The sentences of codes, once each, as JSON: `{"altered": {"zh-Hant-HK": …, "en": …}}`."""
    return {code: _BY_CODE[code].to_json() for code in codes}


def report_words(report: Report) -> dict[str, dict[str, str]]:
    """The sentences of every code that a report holds."""
    kinds = (kind.value for kind, _ in report.counts)
    return words_of((report.verdict.value, *kinds, *(item.limit.value for item in report.undecided)))
