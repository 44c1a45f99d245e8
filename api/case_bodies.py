"""Bodies about requests, breaches and the Commissioner's notices: how each is read, and how it is described."""

from typing import Any, Final

from api.jobs import EVENT_ID
from api.members import Choice, Day, Flag, Instant, Reader, Text, Whole
from api.operations import Body
from api.records import ListOf, Record
from cases.fees import AMOUNT_MAX, LINES_MAX, FeeKind, FeeLine
from cases.grounds import CorrectionGround, Ground
from cases.incidents.model import BreachKind, BreachStep, Regime
from cases.incidents.requests import DATA_KINDS_MAX, DIRECTIONS_MAX, PEOPLE_MAX, DirectionRequest
from cases.model import CaseKind, Channel, Evidence, Handling, Identity, ItemKind, Language, NoticeKind
from cases.requests import (
    CODE_FORM,
    CONTACT_CHARS_MAX,
    ITEMS_MAX,
    MASKS_MAX,
    NAME_CHARS_MAX,
    PROSE_CHARS_MAX,
    REF_FORM,
    REFERENCE_FORM,
    TERM_CHARS_MAX,
    TERMS_MAX,
)
from documents.requests import DOCUMENT_FORM
from policies.using.exemptions import ExemptionId

DOCUMENT: Final = Text(36, form=DOCUMENT_FORM, description="Id of a document.")
CODE: Final = Text(32, form=CODE_FORM, description="A code, no name.", example="LOGI")
_REFERENCE: Final = Text(64, form=REFERENCE_FORM, description="Number of a paper.", example="CN-2026-7")
_REF: Final = Text(
    110,
    form=REF_FORM,
    description="An entry's index, `index/field`, a document's id, or `id/path`.",
    example="12/display_name",
)
_EXAMPLE_DOCUMENT: Final = "01890a5d-ac96-774b-bcce-b302099a8057"


def _prose(description: str, most: int = PROSE_CHARS_MAX) -> Text:
    return Text(most, multiline=True, description=f"{description} Sealed.")


def _body(
    name: str, members: dict[str, Reader[Any]], required: tuple[str, ...], example: dict[str, object]
) -> Body[Any]:
    read: Record[dict[str, Any]] = Record(name, dict, {**members, "event_id": EVENT_ID}, required)
    return Body(read.read, read.schema, example, optional=not required)


NOTHING: Final = _body("CaseStep", {}, (), {})
OPEN_CASE: Final = _body(
    "CaseOpening",
    {
        "kind": Choice(CaseKind, "What is asked for."),
        "channel": Choice(Channel, "How it came."),
        "language": Choice(Language, "In which language."),
        "received_on": Day("Day of receipt; today if it is not said."),
        "requestor_name": _prose("Who asks.", NAME_CHARS_MAX),
        "requestor_contact": _prose("Where the answer goes.", CONTACT_CHARS_MAX),
        "asked": _prose("What they ask."),
        "person": Text(128, description="Pseudonym of the relevant person, if they have an account."),
        "on_behalf": Flag("Whether another is the relevant person."),
        "person_name": _prose("That person's name.", NAME_CHARS_MAX),
        "terms": ListOf(
            Text(TERM_CHARS_MAX), TERMS_MAX, description="Names and numbers to look for in documents. Sealed."
        ),
    },
    ("kind", "channel", "language", "requestor_name"),
    {"kind": "access", "channel": "letter", "language": "zh", "requestor_name": "陳大文", "terms": ["陳大文"]},
)
SEARCH_AGAIN: Final = _body(
    "CaseSearch", {"terms": ListOf(Text(TERM_CHARS_MAX), TERMS_MAX, 1)}, ("terms",), {"terms": ["陳大文"]}
)
IDENTITY: Final = _body(
    "CaseIdentity",
    {
        "identity": Choice(Identity, "What came of it."),
        "evidence": ListOf(Choice(Evidence), 8, description="What was seen; it is not kept."),
        "note": _prose("A remark."),
    },
    ("identity",),
    {"identity": "shown", "evidence": ["identity_card_seen"]},
)
ITEM: Final = _body(
    "CaseItemMark",
    {
        "handling": Choice(Handling, "What becomes of it."),
        "third_party": Flag("Whether it tells of others."),
        "consented": Flag("Whether those agreed."),
        "masks": ListOf(Text(NAME_CHARS_MAX), MASKS_MAX, description="Texts to black out. Sealed."),
    },
    ("handling",),
    {"handling": "redact", "third_party": True, "masks": ["李檢驗"]},
)
REFUSAL: Final = _body(
    "CaseRefusalProposal",
    {
        "ground": Text(32, form="[a-z_]{1,32}", description=f"One of: {', '.join([*Ground, *CorrectionGround])}."),
        "reason": _prose("Why."),
        "items": ListOf(Whole(1, ITEMS_MAX), ITEMS_MAX, description="Numbers of items; none: the whole request."),
        "exemption": Choice(ExemptionId, "Section of Part 8."),
        "evidence": DOCUMENT,
        "other_user": _prose("Name and address of the other data user.", CONTACT_CHARS_MAX),
        "prejudice": _prose("Particulars that are not told (s.21(2))."),
    },
    ("ground", "reason"),
    {"ground": "third_party", "reason": "報告內有檢驗員的姓名", "items": [3]},
)
FEE: Final = _body(
    "CaseFee",
    {
        "lines": ListOf(
            Record(
                "CaseFeeLine",
                FeeLine,
                {"kind": Choice(FeeKind), "amount": Whole(0, AMOUNT_MAX, "Cents."), "reason": _prose("Why.", 500)},
                ("kind", "amount"),
            ),
            LINES_MAX,
            1,
        ),
        "cheapest_form": Whole(0, AMOUNT_MAX, "What the cheapest form of the copy costs, in cents."),
    },
    ("lines",),
    {"lines": [{"kind": "copying", "amount": 4000}, {"kind": "clerical", "amount": 10000}]},
)
NOTICE: Final = _body(
    "CaseNoticeRequest",
    {
        "kind": Choice(NoticeKind, "What is told."),
        "given_at": Instant("When; now if it is not said."),
        "reason": _prose("Why it takes longer, or what is still needed."),
    },
    ("kind",),
    {"kind": "interim", "reason": "文件存於外地倉庫"},
)
_ITEM_MEMBERS: Final[dict[str, Reader[Any]]] = {"kind": Choice(ItemKind, "What kind of thing."), "ref": _REF}
CORRECTION: Final = _body(
    "CaseCorrection",
    {**_ITEM_MEMBERS, "value": _prose("The right value."), "superseded_by": _REF},
    ("kind", "ref"),
    {"kind": "personal", "ref": "12/display_name", "value": "陳大民"},
)
DISPUTE: Final = _body(
    "CaseDispute",
    {**_ITEM_MEMBERS, "text": _prose("What is disputed.")},
    ("kind", "ref", "text"),
    {"kind": "personal", "ref": "12/note", "text": "當事人不同意此評語"},
)
DISCLOSURE: Final = _body(
    "DisclosureRecord",
    {
        **_ITEM_MEMBERS,
        "recipient": CODE,
        "purpose": CODE,
        "disclosed_on": Day("When."),
        "still_using": Flag("Whether they still use it."),
    },
    ("kind", "ref", "recipient", "purpose", "disclosed_on"),
    {
        "kind": "personal",
        "ref": "12/display_name",
        "recipient": "LOGI",
        "purpose": "delivery",
        "disclosed_on": "2026-10-01",
    },
)
BREACH: Final = _body(
    "BreachOpening",
    {
        "kind": Choice(BreachKind, "What happened to the data."),
        "regimes": ListOf(Choice(Regime), len(Regime), 1, description="Under whose law it may fall."),
        "facts": _prose("What happened."),
        "known_at": Instant("When it became known; now if it is not said."),
        "designated": Flag("Whether the organisation is a designated operator (Cap. 653)."),
        "people": Whole(0, PEOPLE_MAX, "How many people, as far as known."),
        "data_kinds": ListOf(CODE, DATA_KINDS_MAX, description="Kinds of data."),
        "processor": CODE,
        "reference": _REFERENCE,
    },
    ("kind", "regimes", "facts"),
    {"kind": "disclosed", "regimes": ["pdpo"], "facts": "電郵誤送", "people": 12, "data_kinds": ["name", "phone"]},
)
BREACH_STEP: Final = _body(
    "BreachStepRecord",
    {
        "step": Choice(BreachStep, "What was done."),
        "text": _prose("More of it."),
        "done_at": Instant("When; now if it is not said."),
        "regime": Choice(Regime, "Whose authority was told."),
    },
    ("step",),
    {"step": "contained", "text": "已收回電郵"},
)
BREACH_DECISION: Final = _body(
    "BreachDecision",
    {
        "notify_authority": Flag("Whether to tell the authority."),
        "notify_people": Flag("Whether to tell the people."),
        "reason": _prose("Why."),
    },
    ("notify_authority", "notify_people", "reason"),
    {"notify_authority": True, "notify_people": True, "reason": "涉及身份證號碼"},
)
ENFORCEMENT: Final = _body(
    "EnforcementService",
    {
        "reference": _REFERENCE,
        "served_on": Day("When it was served."),
        "directions": ListOf(
            Record(
                "EnforcementDirection",
                DirectionRequest,
                {"number": Whole(1, 999), "due_on": Day("By when."), "text": _prose("What is directed.")},
                ("number", "due_on", "text"),
            ),
            DIRECTIONS_MAX,
            1,
        ),
    },
    ("reference", "served_on", "directions"),
    {
        "reference": "EN-1",
        "served_on": "2026-11-01",
        "directions": [{"number": 1, "due_on": "2026-12-01", "text": "停止收集身份證副本"}],
    },
)
DIRECTION_MET: Final = _body("DirectionMet", {"evidence": DOCUMENT}, (), {"evidence": _EXAMPLE_DOCUMENT})
CESSATION: Final = _body(
    "CessationService",
    {
        "document": DOCUMENT,
        "reference": _REFERENCE,
        "served_on": Day("When it was served."),
        "text": _prose("What it says."),
    },
    ("document", "reference", "served_on"),
    {"document": _EXAMPLE_DOCUMENT, "reference": "CN-2026-7", "served_on": "2026-11-20"},
)
CESSATION_ANSWER: Final = _body("CessationAnswer", {"text": _prose("What was answered.")}, (), {"text": "已移除"})
