"""Stating what personal data is used for: four headers, read alike by every operation that takes personal data out (PDPO DPP3).

- An export needs a purpose. A read needs none where it is clear what it is for: a document is opened for what its class is kept for, what belongs to
  a request is read for that request. The entry says so all the same.
- The document of a consent or of an exemption is one of this archive that its reader may see and that has not been withdrawn: consent that
  was withdrawn in writing ends with the document.
"""

from typing import Any, Final

from api.calls import Call
from api.problem_codes import Code
from api.problems import Invalid
from documents.errors import Code as DocumentCode
from documents.errors import UnknownDocument
from documents.model import Stage
from documents.rules import VISIBLE
from policies.model import Decision
from policies.using.exemptions import EXEMPTIONS, ExemptionId, Principle
from policies.using.purposes import OF_VALUES, UsePurpose
from policies.using.rules import Use

PURPOSE: Final = "Use-Purpose"
CONSENT: Final = "Use-Consent"
EXEMPTION: Final = "Use-Exemption"
EVIDENCE: Final = "Use-Evidence"

_DOCUMENT: Final = {"type": "string", "format": "uuid"}


def use_parameters(*, required: bool) -> list[dict[str, Any]]:
    """Return the headers as the API's description has them."""
    lifting = [one.value for one, found in EXEMPTIONS.items() if Principle.USE in found.lifts]
    return [
        _header(
            PURPOSE,
            "What personal data in it is used for. One that the data is not kept for is `403 dpp3_new_purpose`.",
            {"type": "string", "enum": [purpose.value for purpose in UsePurpose]},
            required=required,
        ),
        _header(CONSENT, "For a new purpose: the document that holds the prescribed consent.", _DOCUMENT),
        _header(
            EXEMPTION,
            "For a new purpose: the section of Part 8 that lifts principle 3.",
            {"type": "string", "enum": lifting},
        ),
        _header(EVIDENCE, "With an exemption: the document that shows it, such as a court order.", _DOCUMENT),
    ]


def _header(name: str, description: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


def stated_use(call: Call[Any, Any]) -> Use | None:
    """Return what the caller says the data is used for; None: nothing.

    Raises:
        Invalid: an exemption that is none.
        Denied, UnknownDocument: a document that is not there for them.
    """
    purpose, consent, exemption, evidence = (_given(call, name) for name in (PURPOSE, CONSENT, EXEMPTION, EVIDENCE))
    if not (purpose or consent or exemption or evidence):
        return None
    if exemption and exemption not in set(ExemptionId):
        raise Invalid.at(Code.CHOICE_UNKNOWN, expected=", ".join(ExemptionId)).of_parameter(EXEMPTION)
    return Use(
        UsePurpose(purpose) if purpose in set(UsePurpose) else None,
        _document(call, CONSENT, consent),
        ExemptionId(exemption) if exemption else None,
        _document(call, EVIDENCE, evidence),
    )


def require_stated(call: Call[Any, Any], decision: Decision, listed: frozenset[str]) -> Use:
    """Return what the caller uses personal data for that is kept for the listed purposes.

    Raises:
        UseRefused: nothing that it may be used for.
    """
    use = stated_use(call) or Use(None)
    call.services.policies.require_use(decision, use, listed)
    return use


def stated_or(call: Call[Any, Any], decision: Decision, purpose: UsePurpose) -> Use:
    """Return what the caller uses clear values for: what they say, else what this operation is there for.

    Raises:
        UseRefused: nothing that they may be used for.
    """
    use = stated_use(call) or Use(purpose)
    call.services.policies.require_use(decision, use, OF_VALUES)
    return use


def _given(call: Call[Any, Any], name: str) -> str:
    return call.headers.get(name.lower().encode(), b"").decode("latin-1").strip()


def _document(call: Call[Any, Any], name: str, given: str) -> str | None:
    if not given:
        return None
    with call.services.storage.database.read() as connection:
        try:
            stage = call.services.documents.document(call.principal, connection, given).document.stage
        except UnknownDocument:
            stage = Stage.DESTROYED
    if stage not in VISIBLE:
        raise UnknownDocument(DocumentCode.DOCUMENT_UNKNOWN, (name,))
    return given
