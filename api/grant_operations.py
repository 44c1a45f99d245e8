"""How the operations on access for a time are declared."""

from typing import Any, Final

from api import grants as run
from api.bodies import changed_as, created_as
from api.jobs import PLAIN_BODY
from api.members import Choice, Flag, Instant, Text, Whole
from api.operations import Documented, Operation, Parameters, Runs, Stated, Tag
from api.organisation import record_body
from api.paging import PAGING
from api.records import ListOf
from api.schemas import DATE, TEXT, listed, nullable, page, record, ref
from policies.grants.model import (
    BREAK_GLASS_MAX,
    CLASSES_MAX,
    ENGAGEMENT_MAX,
    STORES_MAX,
    GrantKind,
    GrantState,
    Review,
)
from policies.pending.model import REASON_CHARS_MAX
from policies.rules import CODE_CHARS_MAX

MINUTES_MAX: Final = int(BREAK_GLASS_MAX.total_seconds()) // 60

_PERSON_FORM: Final = "p_[a-z2-7]{16}"
_CODE: Final = Text(CODE_CHARS_MAX, form="[A-Za-z0-9][A-Za-z0-9_-]*", example="MK01")
_GRANT: Final = Text(32, form="[0-9a-f]{32}", description="Its id.", example="5f70bf18a0860070a1b2c3d4e5f60718")
_ONE: Final = Parameters(run.GrantParameters, {"grant": _GRANT}, ("grant",))
_ID: Final = "5f70bf18a0860070a1b2c3d4e5f60718"
_ENGAGEMENT: Final = {
    "id": _ID,
    "kind": "engagement",
    "state": "running",
    "principal": "p_abcdefghijklmnop",
    "starts_at": "2026-11-22T04:00:00.000000Z",
    "ends_at": "2026-12-22T04:00:00.000000Z",
    "given_by": "p_bcdefghijklmnopq",
    "stores": ["MK01"],
    "classes": ["delivery_note"],
}
_GLASS: Final = {
    "id": _ID,
    "kind": "break_glass",
    "state": "over",
    "principal": "p_abcdefghijklmnop",
    "starts_at": "2026-11-20T14:00:00.000000Z",
    "ends_at": "2026-11-20T14:30:00.000000Z",
    "given_by": "p_abcdefghijklmnop",
    "stores": ["TST1"],
    "told": "p_bcdefghijklmnopq",
    "acknowledge_by": "2026-11-20T18:00:00.000000Z",
    "review_due_on": "2026-11-24",
}
_FINDING: Final = {
    "code": "break_glass_review_overdue",
    "detail_zh": "緊急存取未有在兩個工作天內覆核。",
    "detail_en": "The broken glass was not reviewed within two working days.",
    "due_on": "2026-11-24",
    "grant": _GLASS,
}

_GRANTS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path="/api/v1/grants",
        name="list_grants",
        tag=Tag.GRANTS,
        summary="Access for a time",
        description="Engagements of auditors and broken glass in your reach, past ones too, the newest first; or your own.",
        run=run.list_grants,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            run.GrantsParameters,
            {
                "kind": Choice(GrantKind, "Only those of a kind."),
                "state": Choice(GrantState, "Only those that stand so now."),
                **PAGING,
            },
        ),
        answers=(
            Documented(
                200, "A page.", page(ref("Grant")), example={"items": [_GLASS, _ENGAGEMENT], "next_cursor": None}
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/api/v1/grants/{grant}",
        name="get_grant",
        tag=Tag.GRANTS,
        summary="One engagement, or one broken glass",
        run=run.get_grant,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        answers=(Documented(200, "It.", ref("Grant"), example=_ENGAGEMENT),),
        refusals=(404,),
    ),
    Operation(
        method="POST",
        path="/api/v1/engagements",
        name="engage",
        tag=Tag.GRANTS,
        summary="Engage an auditor",
        description=(
            f"For at most {ENGAGEMENT_MAX.days} days, read-only; it ends by itself. Without an engagement that runs an auditor reaches "
            "nothing. Another is given by who may give one, never by the auditor."
        ),
        run=run.engage,
        runs=Runs.IN_THREAD,
        body=record_body(
            "NewEngagement",
            run.NewEngagement,
            {
                "auditor": Text(32, form=_PERSON_FORM, description="Who is engaged.", example="p_abcdefghijklmnop"),
                "starts_at": Instant("From when on."),
                "ends_at": Instant("Until when; this instant is no part of it."),
                "nda_on_file": Flag("An agreement on confidentiality is on file; needed."),
                "stores": ListOf(_CODE, STORES_MAX, 1, "Which stores; absent: every one."),
                "classes": ListOf(_CODE, CLASSES_MAX, 1, "Documents of which classes; absent: of any."),
                "dates_from": Instant("Only what was recorded at or after this."),
                "dates_until": Instant("Only what was recorded before this."),
            },
            ("auditor", "starts_at", "ends_at", "nda_on_file"),
            {
                "auditor": "p_abcdefghijklmnop",
                "starts_at": "2026-11-22T12:00:00+08:00",
                "ends_at": "2026-12-22T12:00:00+08:00",
                "nda_on_file": True,
                "stores": ["MK01"],
                "classes": ["delivery_note"],
            },
        ),
        answers=created_as("Grant"),
        refusals=(409,),
    ),
    Operation(
        method="POST",
        path="/api/v1/grants/{grant}/end",
        name="end_grant",
        tag=Tag.GRANTS,
        summary="End an engagement before its time, or close a glass",
        description="For who may give engagements; and for whoever broke the glass.",
        run=run.end_grant,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=PLAIN_BODY,
        answers=changed_as("Grant"),
        refusals=(404, 409),
    ),
)

_BREAKING: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="POST",
        path="/api/v1/break-glass",
        name="break_glass",
        tag=Tag.GRANTS,
        summary="Break the glass",
        description=(
            f"Your role applies at these stores too, for at most {MINUTES_MAX} minutes from now. It never allows to delete, dispose, "
            "release a hold, approve, or change rights or policy. The second person is told at once: it awaits them until they acknowledge "
            "it, whatever channel tells them. It is reviewed within two working days."
        ),
        run=run.break_glass,
        runs=Runs.IN_THREAD,
        body=record_body(
            "BrokenGlass",
            run.BrokenGlass,
            {
                "stores": ListOf(_CODE, STORES_MAX, 1, "At which stores."),
                "minutes": Whole(1, MINUTES_MAX, "For how long."),
                "reason": Text(
                    REASON_CHARS_MAX, multiline=True, description="Why; kept as personal data, under your key."
                ),
                "told": Text(
                    32,
                    form=_PERSON_FORM,
                    description="The second person: another one, who may review it.",
                    example="p_bcdefghijklmnopq",
                ),
            },
            ("stores", "minutes", "reason", "told"),
            {"stores": ["TST1"], "minutes": 30, "reason": "停電，店長未能聯絡", "told": "p_bcdefghijklmnopq"},
        ),
        answers=created_as("Grant"),
        refusals=(409,),
    ),
    Operation(
        method="GET",
        path="/api/v1/break-glass/awaiting",
        name="list_break_glass_awaiting",
        tag=Tag.GRANTS,
        summary="Broken glass that awaits you",
        description="You were told of it as the second person, and have not acknowledged it; the first broken comes first.",
        run=run.list_glass_awaiting,
        runs=Runs.IN_THREAD,
        answers=(
            Documented(200, "What awaits you.", record({"items": listed(ref("Grant"))}), example={"items": [_GLASS]}),
        ),
    ),
    Operation(
        method="POST",
        path="/api/v1/grants/{grant}/acknowledgement",
        name="acknowledge_break_glass",
        tag=Tag.GRANTS,
        summary="Acknowledge that a glass was broken",
        description="Once, by the second person alone, within four hours; later it is a finding and an entry.",
        run=run.acknowledge_glass,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=PLAIN_BODY,
        answers=changed_as("Grant"),
        refusals=(404, 409),
    ),
    Operation(
        method="GET",
        path="/api/v1/break-glass/findings",
        name="list_break_glass_findings",
        tag=Tag.GRANTS,
        summary="Broken glass that nobody reviewed or acknowledged in time",
        description=(
            "Reviewed by the end of the second working day after the day on which it was broken, in Hong Kong's calendar; acknowledged by the "
            "second person within four hours."
        ),
        run=run.list_glass_findings,
        runs=Runs.IN_THREAD,
        answers=(
            Documented(
                200,
                "Findings of now, the longest overdue first.",
                record(
                    {
                        "items": listed(
                            record(
                                {
                                    "code": TEXT,
                                    "detail_zh": TEXT,
                                    "detail_en": TEXT,
                                    "due_on": DATE,
                                    "grant": ref("Grant"),
                                }
                            )
                        )
                    }
                ),
                example={"items": [_FINDING]},
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/api/v1/grants/{grant}/reason",
        name="get_break_glass_reason",
        tag=Tag.GRANTS,
        summary="Why a glass was broken",
        description="Somebody's own words: the log says who read them. `null`: whoever wrote them was erased.",
        run=run.get_glass_reason,
        uses=Stated.MAYBE,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        answers=(
            Documented(
                200, "The reason.", record({"reason": nullable(TEXT)}), example={"reason": "停電，店長未能聯絡"}
            ),
        ),
        refusals=(404,),
    ),
    Operation(
        method="POST",
        path="/api/v1/grants/{grant}/review",
        name="review_break_glass",
        tag=Tag.GRANTS,
        summary="Review a broken glass",
        description="Once, and never by whoever broke it.",
        run=run.review_glass,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=record_body(
            "GlassReview",
            run.GlassReview,
            {"review": Choice(Review, "What the review came to.")},
            ("review",),
            {"review": "justified"},
        ),
        answers=changed_as("Grant"),
        refusals=(404, 409),
    ),
)

OPERATIONS: Final = (*_GRANTS, *_BREAKING)
