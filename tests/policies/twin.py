"""What policies decide, written a second time and apart from them: a table and four sentences of plain Python."""

from __future__ import annotations

from policies.codes import Code
from policies.engine import Question
from policies.model import Action, Role

# Columns: staff, store manager, area manager, compliance officer, DPO, auditor, operator, API client, policy admin.
TABLE = """
                    st sm am co dp au op ac pa
stock.adjust        x  x  x  .  .  .  .  x  .
stock.correct       .  x  x  .  .  .  .  x  .
stock.read          x  x  x  x  .  x  x  x  .
stocktake.open      .  x  x  .  .  .  .  x  .
stocktake.count     x  x  x  .  .  .  .  x  .
stocktake.close     .  x  x  .  .  .  .  x  .
catalog.write       .  .  x  .  .  .  x  x  .
catalog.read        x  x  x  x  .  x  x  x  .
document.read       x  x  x  x  x  x  x  x  .
document.read_sensitive . x x x x  x  .  x  .
document.write      x  x  x  .  .  .  .  x  .
document.review     x  x  x  .  .  .  .  x  .
document.release    .  x  x  x  x  .  .  x  .
document.classes    .  .  .  x  .  .  x  .  .
log.read            x  x  x  x  x  x  x  x  .
log.read_bundles    .  .  .  x  .  x  x  x  .
log.verify          .  .  .  x  x  x  x  x  .
log.export          .  .  .  x  x  x  x  x  .
organisation.write  .  .  .  .  .  .  x  .  x
organisation.read   x  x  x  x  x  x  x  x  x
people.write        .  .  .  .  .  .  x  .  x
people.read         .  .  .  x  x  .  x  .  x
people.erase        .  .  .  .  x  .  x  .  .
personal.read       .  .  .  x  x  .  .  .  .
keys.manage         .  .  .  .  .  .  x  .  x
signing.rotate      .  .  .  .  .  .  x  .  .
notices.read        .  .  .  x  .  x  x  .  .
notices.write       .  .  .  x  .  .  x  .  .
jobs.read           .  .  .  x  x  x  x  x  .
jobs.cancel         .  .  .  x  .  .  x  .  .
stock.approve       .  x  x  .  .  .  .  x  .
personal.unmask     .  .  .  x  x  .  .  .  .
pending.read        x  x  x  x  x  x  x  x  x
grant.read          .  .  .  x  x  x  x  .  .
grant.write         .  .  .  x  .  .  .  .  .
break_glass.open    .  x  x  x  x  .  x  .  .
break_glass.review  .  .  .  x  x  .  .  .  .
retention.read      .  .  .  x  x  x  x  .  x
retention.write     .  .  .  x  .  .  .  .  x
hold.place          .  .  .  x  x  .  .  .  .
hold.release        .  .  .  x  x  .  .  .  .
disposal.propose    .  .  .  x  .  .  x  .  .
disposal.approve    .  .  .  x  x  .  .  .  .
lock.probe          .  .  .  x  .  .  x  .  .
lock.compliance     .  .  .  x  x  .  .  .  .
bundle.read         .  .  .  x  x  x  x  .  x
bundle.draft        .  .  .  .  .  .  .  .  x
bundle.approve      .  .  .  x  x  .  .  .  x
residency.read      .  .  .  x  x  x  x  .  x
residency.write     .  .  .  x  .  .  .  .  .
finding.read        .  .  .  x  x  x  x  .  x
finding.settle      .  .  .  x  x  .  .  .  .
case.read           .  .  .  x  x  .  .  .  .
case.write          .  .  .  .  x  .  .  .  .
case.decide         .  .  .  x  x  .  .  .  .
breach.read         .  .  .  x  x  .  x  .  .
breach.write        .  .  .  x  x  .  .  .  .
cessation.write     .  .  .  x  x  .  .  .  .
"""
COLUMNS = {
    "st": Role.STAFF,
    "sm": Role.STORE_MANAGER,
    "am": Role.AREA_MANAGER,
    "co": Role.COMPLIANCE_OFFICER,
    "dp": Role.DPO,
    "au": Role.AUDITOR,
    "op": Role.OPERATOR,
    "ac": Role.API_CLIENT,
    "pa": Role.POLICY_ADMIN,
}
AT_A_STORE = frozenset(
    {
        Action.STOCK_ADJUST,
        Action.STOCK_CORRECT,
        Action.STOCKTAKE_OPEN,
        Action.STOCKTAKE_COUNT,
        Action.STOCKTAKE_CLOSE,
        Action.DOCUMENT_WRITE,
        Action.DOCUMENT_REVIEW,
        Action.DOCUMENT_RELEASE,
        Action.STOCK_APPROVE,
    }
)
NEVER_IN_EMERGENCY = frozenset(
    {
        Action.DOCUMENT_RELEASE,
        Action.STOCK_APPROVE,
        Action.DOCUMENT_CLASSES,
        Action.ORGANISATION_WRITE,
        Action.PEOPLE_WRITE,
        Action.PEOPLE_ERASE,
        Action.KEYS_MANAGE,
        Action.SIGNING_ROTATE,
        Action.GRANT_WRITE,
        Action.BREAK_GLASS_OPEN,
        Action.BREAK_GLASS_REVIEW,
        Action.RETENTION_WRITE,
        Action.HOLD_RELEASE,
        Action.DISPOSAL_PROPOSE,
        Action.DISPOSAL_APPROVE,
        Action.BUNDLE_DRAFT,
        Action.BUNDLE_APPROVE,
        Action.RESIDENCY_WRITE,
        Action.FINDING_SETTLE,
        Action.CASE_DECIDE,
        Action.CESSATION_WRITE,
        Action.LOCK_COMPLIANCE,
    }
)


def table() -> dict[tuple[Role, Action], bool]:
    head, *lines = [line.split() for line in TABLE.strip("\n").splitlines()]
    return {
        (COLUMNS[column], Action(action)): mark == "x"
        for action, *marks in lines
        for column, mark in zip(head, marks, strict=True)
    }


PERMITTED = table()


def failed(question: Question) -> tuple[Code, ...]:
    """Every condition that fails, the first one first."""
    role, stores, scopes, action, asked, whole_log, lapsed, classes, asked_classes, in_time, emergency = question
    codes = []
    if not PERMITTED[role, action]:
        codes.append(Code.ROLE_LACKS_ACTION)
    elif action.value not in scopes:
        codes.append(Code.SCOPE_MISSING)
    if lapsed:
        codes.append(Code.ENGAGEMENT_OVER)
    if stores is not None:
        if whole_log:
            codes.append(Code.WHOLE_ORGANISATION_NEEDED)
        elif not asked <= stores:
            codes.append(Code.STORE_OUT_OF_REACH)
        elif not asked and action in AT_A_STORE:
            codes.append(Code.STORE_NOT_NAMED)
    if classes is not None and not asked_classes <= classes:
        codes.append(Code.CLASS_OUT_OF_REACH)
    if not in_time:
        codes.append(Code.TIME_OUT_OF_REACH)
    if emergency and action in NEVER_IN_EMERGENCY:
        codes.append(Code.BREAK_GLASS_BARRED)
    return tuple(codes)
