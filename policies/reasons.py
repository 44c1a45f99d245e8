"""Every reason, role and action in Traditional Chinese (Hong Kong) and English, and what a denial would have needed.

- Both languages are complete; a test holds every code, role, action and need against these tables.
- A placeholder is a value of the error; both languages use the same ones.
- A need is told for each condition that failed, not only the first, so that nobody fixes one to meet the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from audit.event import format_time
from policies.bundles.sentences import BUNDLE_REASONS
from policies.codes import Code
from policies.explanations import Explanation, Need, NeedKind
from policies.grants.sentences import GRANT_REASONS
from policies.model import Action, Decision, Role, ScopeKind, Words
from policies.pending.sentences import PENDING_REASONS
from policies.rules import judge, lacking_stores, roles_permitting
from policies.sentences import RESIDENCY_REASONS
from policies.unmasking.purposes import PURPOSES
from policies.using.purposes import USES, UsePurpose

STORES_SHOWN_MAX: Final = 20

REASONS: Final[Mapping[Code, Words]] = {
    Code.ALLOWED: Words("准許。", "Allowed."),
    Code.ROLE_LACKS_ACTION: Words("你的職位不可進行此操作。", "Your role does not permit this action."),
    Code.SCOPE_MISSING: Words("此金鑰的權限範圍不包括此操作。", "The key's scopes do not include this action."),
    Code.WHOLE_ORGANISATION_NEEDED: Words(
        "此操作涉及全公司紀錄，而你只獲指派部分分店。",
        "This concerns the records of the whole organisation, and you are assigned to some stores only.",
    ),
    Code.STORE_NOT_NAMED: Words("此操作必須指明分店。", "This action must name the store it is for."),
    Code.STORE_OUT_OF_REACH: Words("你未獲指派所涉及的分店。", "You are not assigned to the store concerned."),
    Code.POLICY_ERROR: Words(
        "未能評估權限政策，因此拒絕。請通知系統操作員。",
        "The policies could not be evaluated, so this is denied. Please tell the operator.",
    ),
    Code.MONITORING_CASE_NEEDED: Words(
        "查閱某名員工的紀錄屬監察僱員，須註明一宗處理中的個案編號（case）。",
        "Looking through what one employee did is monitoring of staff: name an open case (`case`).",
    ),
    Code.STEP_UP_REQUIRED: Words(
        "查閱此類資料須於較近時間內以足夠強度的方式登入。請重新登入，然後再試。",
        "This is shown only to somebody who signed in recently, and strongly enough. Sign in again, then try again.",
    ),
    Code.DPP3_NEW_PURPOSE: Words(
        "這不是收集該等個人資料的目的。未得當事人的訂明同意或《私隱條例》第 8 部的豁免，不可用於新目的（保障資料第 3 原則）。",
        "That is not what this personal data is kept for: a new purpose takes prescribed consent, or an exemption of Part 8 (DPP3).",
    ),
    Code.EXEMPTION_LIFTS_OTHER: Words(
        "此項豁免並不豁免保障資料第 3 原則（使用限制）。",
        "This exemption does not lift principle 3, the limitation of use.",
    ),
    Code.EXEMPTION_EVIDENCE_MISSING: Words(
        "援引豁免須註明佐證文件，例如法庭命令。",
        "An exemption goes with the document that shows it, such as a court order.",
    ),
    Code.PURPOSE_NEEDED: Words(
        "查閱或匯出個人資料，須說明清單內的一項使用目的。",
        "To see or export personal data, name a purpose of the list.",
    ),
    Code.ACTING_FOR_NOT_A_PERSON: Words(
        "用戶端只可代表一名有效的使用者行事。", "A client can act only for a person whose account is active."
    ),
    Code.KEY_MALFORMED: Words("這不是 Chopbook 的 API 金鑰。", "This is not an API key of Chopbook."),
    Code.KEY_UNKNOWN: Words("此 API 金鑰不獲接納。", "This API key is not accepted."),
    Code.KEY_EXPIRED: Words("此 API 金鑰已過期。", "This API key has expired."),
    Code.KEY_REVOKED: Words("此 API 金鑰已被撤銷。", "This API key has been revoked."),
    Code.PRINCIPAL_UNKNOWN: Words("沒有此帳戶。", "There is no such account."),
    Code.PRINCIPAL_CLOSED: Words("此帳戶已停用。", "This account is closed."),
    Code.PRINCIPAL_ERASED: Words("此帳戶的個人資料已刪除。", "The personal data of this account has been erased."),
    Code.SESSION_OVER: Words("登入已結束，請重新登入。", "You are signed out; sign in again."),
    Code.RATE_LIMITED: Words(
        "呼叫過於頻密：每分鐘最多 {rate} 次。請於 {seconds} 秒後再試。",
        "Too many calls: at most {rate} a minute. Try again in {seconds} seconds.",
    ),
    Code.QUOTA_EXCEEDED: Words(
        "本月限額 {quota} 次呼叫已用完，{day}（香港時間）重新計算。",
        "This month's quota of {quota} calls is used up; it begins anew on {day} (Hong Kong time).",
    ),
    Code.CODE_FORM: Words(
        "代號須為 1 至 {most} 個字元，以英文字母或數字開首，其後可用英文字母、數字、- 及 _。",
        "A code has 1 to {most} characters: a letter or digit, then letters, digits, - and _.",
    ),
    Code.CODE_PERSONAL: Words(
        "編號及標示永久載於審計紀錄，不可含身份證號碼、電話號碼或其他個人資料；個人資料請寫在備註，備註會加密封存。",
        "Codes and labels stand in the log for ever and may hold no identity card or telephone number, nor other personal data; "
        "that belongs in a note, which is sealed.",
    ),
    Code.NAME_FORM: Words(
        "名稱須為 1 至 {most} 個字元，首尾不可有空格，亦不可有控制字元。",
        "A name has 1 to {most} characters, no white space at its ends and no control characters.",
    ),
    Code.ROLE_UNFIT: Words("職位不適用於此類帳戶。", "The role does not fit this kind of account."),
    Code.SCOPES_UNFIT: Words(
        "權限範圍不可空白，並只可包括 API 用戶端可進行的操作。",
        "Scopes must not be empty, and may only be actions that an API client can be permitted.",
    ),
    Code.PICS_MISSING: Words(
        "收集僱員資料須註明所依據的《收集個人資料聲明》及其版本，例如 STAFF/3（保障資料第 1 原則）。",
        "Data of staff names the personal information collection statement they were given, with its version, such as STAFF/3 (DPP1(3)).",
    ),
    Code.PICS_FORM: Words(
        "《收集個人資料聲明》的編號須為代號、斜線及版本，例如 STAFF/3。",
        "A personal information collection statement is named by its code, a slash and its version, such as STAFF/3.",
    ),
    Code.NAME_FROM_HKID: Words(
        "名稱或員工編號不可包含或取自身份證號碼。",
        "A name or staff number may not hold, or be made from, an identity card number.",
    ),
    Code.TARGET_UNFIT: Words("職位 {role} 不可按「{kind}」指派。", "The role {role} cannot be assigned by {kind}."),
    Code.TARGET_NOT_EMPTY: Words(
        "指派至全公司時，不應指明分店或區域。", "An assignment to the whole organisation names no store or area."
    ),
    Code.NUMBER_OUT_OF_RANGE: Words(
        "數值須介乎 {least} 與 {most} 之間。", "The number must be from {least} to {most}."
    ),
    Code.EXPIRY_OUT_OF_RANGE: Words(
        "到期時間須在將來，並於 {most} 日之內。", "The expiry must lie in the future, at most {most} days from now."
    ),
    Code.REASON_FORM: Words("原因應有 1 至 {most} 個字元。", "A reason has 1 to {most} characters."),
    Code.NOTHING_TO_CHANGE: Words("沒有要更改的內容。", "There is nothing to change."),
    Code.AREA_UNKNOWN: Words("沒有此區域。", "There is no such area."),
    Code.STORE_UNKNOWN: Words("沒有此分店。", "There is no such store."),
    Code.PERSON_UNKNOWN: Words("沒有此人士。", "There is no such person."),
    Code.CLIENT_UNKNOWN: Words("沒有此 API 用戶端。", "There is no such API client."),
    Code.API_KEY_UNKNOWN: Words("沒有此 API 金鑰。", "There is no such API key."),
    Code.AREA_EXISTS: Words("已有同一代號的區域。", "An area with this code exists already."),
    Code.STORE_EXISTS: Words("已有同一代號的分店。", "A store with this code exists already."),
    Code.ID_TAKEN: Words("編號已被使用，請重試。", "The id is taken; try again."),
    Code.ALREADY_SO: Words("帳戶已處於此狀態。", "The account is in that state already."),
    Code.ALREADY_ASSIGNED: Words("已有此項指派。", "This assignment exists already."),
    Code.NOT_ASSIGNED: Words("沒有此項指派。", "There is no such assignment."),
    Code.ASSIGNMENTS_UNFIT: Words(
        "現有指派不適用於新職位，請先移除。", "Existing assignments do not fit the new role; remove them first."
    ),
    Code.ALREADY_REVOKED: Words("此 API 金鑰早已被撤銷。", "This API key is revoked already."),
    Code.ALREADY_ERASED: Words("此人士的個人資料早已刪除。", "This person's data is erased already."),
    Code.PERSON_NEEDED: Words(
        "此人士的要求尚未完結，或其紀錄受法律保全（{matters}）；完結前不得刪除其個人資料。",
        "A request of this person is open, or a hold stands on what is theirs ({matters}): nothing of them is erased before it has ended.",
    ),
    Code.OWN_ACCOUNT: Words("不可更改自己帳戶的權限。", "Nobody changes the rights of their own account."),
    **BUNDLE_REASONS,
    **GRANT_REASONS,
    **RESIDENCY_REASONS,
    **PENDING_REASONS,
}

ROLES: Final[Mapping[Role, Words]] = {
    Role.STAFF: Words("店員", "staff"),
    Role.STORE_MANAGER: Words("店長", "store manager"),
    Role.AREA_MANAGER: Words("區域經理", "area manager"),
    Role.COMPLIANCE_OFFICER: Words("合規主任", "compliance officer"),
    Role.DPO: Words("保障資料主任", "data protection officer"),
    Role.AUDITOR: Words("審計師", "auditor"),
    Role.OPERATOR: Words("系統操作員", "operator"),
    Role.API_CLIENT: Words("API 用戶端", "API client"),
    Role.POLICY_ADMIN: Words("政策管理員", "policy administrator"),
}

ACTIONS: Final[Mapping[Action, Words]] = {
    Action.STOCK_ADJUST: Words("調整倉存", "adjust stock"),
    Action.STOCK_CORRECT: Words("更正倉存調整", "correct a stock adjustment"),
    Action.STOCK_READ: Words("查閱倉存", "read stock"),
    Action.STOCKTAKE_OPEN: Words("開始盤點", "open a stocktake"),
    Action.STOCKTAKE_COUNT: Words("盤點點算", "count in a stocktake"),
    Action.STOCKTAKE_CLOSE: Words("完成或取消盤點", "close or cancel a stocktake"),
    Action.CATALOG_WRITE: Words("更改貨品目錄", "change the catalogue"),
    Action.CATALOG_READ: Words("查閱貨品目錄", "read the catalogue"),
    Action.DOCUMENT_READ: Words("查閱文件", "read documents"),
    Action.DOCUMENT_READ_SENSITIVE: Words("查閱敏感文件", "read sensitive documents"),
    Action.DOCUMENT_WRITE: Words("加入及整理文件", "add and file documents"),
    Action.DOCUMENT_REVIEW: Words("核對文件內容", "review what was read from documents"),
    Action.DOCUMENT_RELEASE: Words("放行或撤回文件", "release or withdraw documents"),
    Action.DOCUMENT_CLASSES: Words("管理文件類別", "manage document classes"),
    Action.LOG_READ: Words("查閱審計紀錄", "read the audit log"),
    Action.LOG_READ_BUNDLES: Words("複製整份審計紀錄", "mirror the whole audit log"),
    Action.LOG_VERIFY: Words("驗證審計紀錄", "verify the audit log"),
    Action.LOG_EXPORT: Words("匯出審計紀錄", "export the audit log"),
    Action.ORGANISATION_WRITE: Words("更改區域及分店", "change areas and stores"),
    Action.ORGANISATION_READ: Words("查閱區域及分店", "read areas and stores"),
    Action.PEOPLE_WRITE: Words("管理帳戶及指派", "manage accounts and assignments"),
    Action.PEOPLE_READ: Words("查閱帳戶及指派", "read accounts and assignments"),
    Action.PEOPLE_ERASE: Words("刪除個人資料", "erase personal data"),
    Action.PERSONAL_READ: Words("查閱個人資料", "read personal data"),
    Action.KEYS_MANAGE: Words("管理 API 金鑰", "manage API keys"),
    Action.SIGNING_ROTATE: Words("更換簽署金鑰", "rotate the signing key"),
    Action.NOTICES_READ: Words("查閱通知設定", "read how notices are set up"),
    Action.NOTICES_WRITE: Words("管理通知渠道及規則", "manage notice channels and rules"),
    Action.JOBS_READ: Words("查閱工作", "read jobs"),
    Action.JOBS_CANCEL: Words("取消工作", "cancel jobs"),
    Action.STOCK_APPROVE: Words("批核倉存調整", "approve stock adjustments"),
    Action.PERSONAL_UNMASK: Words("查看未遮蓋的個人資料", "see personal data unmasked"),
    Action.PENDING_READ: Words("查閱待批事項", "read what waits for a second person"),
    Action.GRANT_READ: Words("查閱審計委聘及緊急存取", "read auditors' engagements and emergency access"),
    Action.GRANT_WRITE: Words("管理審計委聘", "manage auditors' engagements"),
    Action.BREAK_GLASS_OPEN: Words("開啟緊急存取", "open emergency access"),
    Action.BREAK_GLASS_REVIEW: Words("檢視緊急存取", "review emergency access"),
    Action.RETENTION_READ: Words("查閱保留期及處置", "read retention and disposal"),
    Action.RETENTION_WRITE: Words(
        "擬定保留期及記錄起計事件", "draft retention schedules and record what starts their clocks"
    ),
    Action.HOLD_PLACE: Words("設定法律保全", "place legal holds"),
    Action.HOLD_RELEASE: Words("解除法律保全", "release legal holds"),
    Action.DISPOSAL_PROPOSE: Words("提出處置", "propose disposal"),
    Action.DISPOSAL_APPROVE: Words("批核處置", "approve disposal"),
    Action.LOCK_PROBE: Words("測試儲存鎖定", "probe the object store's locks"),
    Action.LOCK_COMPLIANCE: Words("決定類別的鎖定模式", "decide how hard a class is locked"),
    Action.BUNDLE_READ: Words("查閱政策版本", "read policy bundles"),
    Action.BUNDLE_DRAFT: Words("擬定政策版本", "draft policy bundles"),
    Action.BUNDLE_APPROVE: Words("批核政策版本", "approve policy bundles"),
    Action.RESIDENCY_READ: Words("查閱資料存放地登記", "read the register of where data goes"),
    Action.RESIDENCY_WRITE: Words("更改資料存放地登記", "change the register of where data goes"),
    Action.FINDING_READ: Words("查閱發現事項", "read findings"),
    Action.FINDING_SETTLE: Words("處理發現事項", "settle findings"),
    Action.CASE_READ: Words("查閱個案", "read cases"),
    Action.CASE_WRITE: Words("處理查閱及改正資料要求", "work on access and correction requests"),
    Action.CASE_DECIDE: Words("決定及覆核個案", "decide and review cases"),
    Action.BREACH_READ: Words("查閱資料外泄紀錄", "read the breach register"),
    Action.BREACH_WRITE: Words("記錄資料外泄事故", "record data breaches"),
    Action.CESSATION_WRITE: Words("執行停止披露通知", "carry out cessation notices"),
}

TARGETS: Final[Mapping[ScopeKind, Words]] = {
    ScopeKind.STORE: Words("分店", "store"),
    ScopeKind.AREA: Words("區域", "area"),
    ScopeKind.ALL: Words("全公司", "the whole organisation"),
}

NEEDS: Final[Mapping[NeedKind, Words]] = {
    NeedKind.ROLE: Words("需要以下其中一個職位：{options}。", "One of these roles is needed: {options}."),
    NeedKind.SCOPE: Words("金鑰需要包括權限範圍 {options}。", "The key needs the scope {options}."),
    NeedKind.STORE: Words("需要獲指派分店：{options}。", "An assignment to the store is needed: {options}."),
    NeedKind.ENGAGEMENT: Words("需要一項現時生效的審計委聘。", "An engagement that runs now is needed."),
    NeedKind.CLASS: Words("需要委聘範圍包括文件類別：{options}。", "An engagement for the class is needed: {options}."),
    NeedKind.DATES: Words(
        "需要委聘範圍包括該日期；現時的範圍：{options}。",
        "An engagement for that date is needed; this one is for {options}.",
    ),
    NeedKind.UNBROKEN_GLASS: Words("須不經緊急存取而有此權限。", "It must be allowed without breaking the glass."),
    NeedKind.SIGN_IN: Words(
        "須由使用者本人重新登入，必要時以雙重驗證登入；機器金鑰不可。",
        "The person has to sign in again, with a second factor where one is asked for; a machine's key cannot.",
    ),
    NeedKind.USE: Words(
        "須為以下其中一項目的：{options}；用於其他目的，須有訂明同意或豁免的文件。",
        "One of these purposes is needed: {options}; another takes the document of a prescribed consent or an exemption.",
    ),
    NeedKind.PURPOSE: Words("須說明以下其中一項使用目的：{options}。", "One of these purposes is needed: {options}."),
    NeedKind.WHOLE_ORGANISATION: Words(
        "需要涵蓋全公司的職位或指派。", "A role or assignment for the whole organisation is needed."
    ),
}


def words_of(code: Code, values: Mapping[str, str | int | Words] | None = None) -> Words:
    """The text of a reason, its placeholders filled."""
    words = REASONS[code]
    return words.filled(values) if values else words


def words_for(decision: Decision) -> Words:
    """The text of a decision's reason, as the bundle words it that decided."""
    return decision.bundle.wording.get(decision.code) or words_of(decision.code)


def explain(decision: Decision) -> Explanation:
    """The reason of a decision, and everything that stood against it."""
    if decision.code is Code.PURPOSE_NEEDED:
        return Explanation(decision.code, words_of(decision.code), (_need(NeedKind.PURPOSE, decision),))
    if decision.code is Code.STEP_UP_REQUIRED:
        return Explanation(decision.code, words_of(decision.code), (_need(NeedKind.SIGN_IN, decision),))
    needs = tuple(_need(kind, decision) for kind in _failed_needs(decision))
    return Explanation(decision.code, words_for(decision), needs)


def explain_use(code: Code, listed: Sequence[str]) -> Explanation:
    """The reason why personal data is not used for a purpose, and the purposes that it is kept for."""
    found = [USES[UsePurpose(one)] for one in listed]
    words = NEEDS[NeedKind.USE]
    zh = words.zh.format(options="、".join(one.zh for one in found))
    en = words.en.format(options=", ".join(one.en for one in found))
    return Explanation(code, words_of(code), (Need(NeedKind.USE, tuple(listed), Words(zh, en)),))


def _failed_needs(decision: Decision) -> Sequence[NeedKind]:
    by_code = {
        Code.ROLE_LACKS_ACTION: NeedKind.ROLE,
        Code.SCOPE_MISSING: NeedKind.SCOPE,
        Code.WHOLE_ORGANISATION_NEEDED: NeedKind.WHOLE_ORGANISATION,
        Code.STORE_OUT_OF_REACH: NeedKind.STORE,
        Code.ENGAGEMENT_OVER: NeedKind.ENGAGEMENT,
        Code.CLASS_OUT_OF_REACH: NeedKind.CLASS,
        Code.TIME_OUT_OF_REACH: NeedKind.DATES,
        Code.BREAK_GLASS_BARRED: NeedKind.UNBROKEN_GLASS,
    }
    failed = judge(decision.bundle, decision.principal, decision.action, decision.resource).codes
    if Code.ENGAGEMENT_OVER in failed:
        # Without an engagement there is no store to lack.
        failed = tuple(code for code in failed if code in {Code.ROLE_LACKS_ACTION, Code.ENGAGEMENT_OVER})
    # A decision may rest on something else altogether: a revoked key lacks no role.
    return [by_code[code] for code in failed if code in by_code] if decision.code in failed else []


def _need(kind: NeedKind, decision: Decision) -> Need:
    options: tuple[str, ...] = ()
    shown = Words("", "")
    if kind is NeedKind.ROLE:
        roles = roles_permitting(decision.bundle, decision.action)
        options = tuple(role.value for role in roles)
        shown = Words("、".join(ROLES[role].zh for role in roles), ", ".join(ROLES[role].en for role in roles))
    elif kind is NeedKind.SCOPE:
        options = (decision.action.value,)
        shown = Words(*options, *options)
    elif kind is NeedKind.STORE:
        options = lacking_stores(decision.principal, decision.resource)[:STORES_SHOWN_MAX]
        shown = Words("、".join(options), ", ".join(options))
    elif kind is NeedKind.CLASS:
        options = tuple(sorted(decision.resource.classes - (decision.principal.classes or frozenset())))
        shown = Words("、".join(options), ", ".join(options))
    elif kind is NeedKind.DATES:
        begin, end = decision.principal.from_us, decision.principal.until_us
        options = ("" if begin is None else format_time(begin), "" if end is None else format_time(end))
        shown = Words(f"{options[0] or '…'} 至 {options[1] or '…'}", f"{options[0] or '…'} to {options[1] or '…'}")
    elif kind is NeedKind.PURPOSE:
        options = tuple(purpose.value for purpose in PURPOSES)
        shown = Words(
            "、".join(words.zh for words in PURPOSES.values()), ", ".join(words.en for words in PURPOSES.values())
        )
    words = NEEDS[kind]
    return Need(kind, options, Words(words.zh.format(options=shown.zh), words.en.format(options=shown.en)))
