"""Options by which a command says what the personal data it takes out is used for (PDPO DPP3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

from app.exits import Refused
from documents.rules import VISIBLE
from policies.using.exemptions import EXEMPTIONS, ExemptionId, Principle
from policies.using.purposes import UsePurpose
from policies.using.rules import Use

if TYPE_CHECKING:
    from app.wiring import House
    from policies.model import Principal

F = TypeVar("F", bound=Callable[..., Any])

_LIFTING = [one.value for one, found in EXEMPTIONS.items() if Principle.USE in found.lifts]


def use_options(function: F) -> F:
    """Adds `--purpose` and what a new purpose takes; the function gets `purpose`, `consent`, `exemption` and `evidence`."""
    for option in (
        click.option("--evidence", metavar="DOCUMENT", help="With --exemption: the document that shows it."),
        click.option("--exemption", type=click.Choice(_LIFTING), help="For a new purpose: the section of PDPO Part 8."),
        click.option(
            "--consent", metavar="DOCUMENT", help="For a new purpose: the document of the prescribed consent."
        ),
        click.option(
            "--purpose",
            required=True,
            type=click.Choice([one.value for one in UsePurpose]),
            help="What personal data in it is used for.",
        ),
    ):
        function = option(function)
    return function


def use_of(
    house: House,
    principal: Principal,
    purpose: str,
    *,
    consent: str | None,
    exemption: str | None,
    evidence: str | None,
) -> Use:
    """What the options say.

    Raises:
        Refused: a document that it rests on was withdrawn.
        UnknownDocument, Denied: it is not there for this principal.
    """
    for document in (consent, evidence):
        if document is None:
            continue
        with house.storage.database.read() as connection:
            stage = house.documents.document(principal, connection, document).document.stage
        if stage not in VISIBLE:
            msg = f"document {document}: expected one that stands, got one that is {stage.value}"
            raise Refused(msg, f"文件 {document}：須為仍然有效的文件")
    return Use(UsePurpose(purpose), consent, None if exemption is None else ExemptionId(exemption), evidence)
