"""What roles, actions and outcomes are called: the words of the policies, under keys of the pages."""

from collections.abc import Mapping
from typing import Final

from api.languages import Wording
from policies.codes import Code
from policies.engine import DENIALS
from policies.reasons import ACTIONS, REASONS, ROLES

TEXTS: Final[Mapping[str, Wording]] = {
    **{f"role.{role.value}": Wording(words.en, words.zh) for role, words in ROLES.items()},
    **{f"action.{action.value}": Wording(words.en, words.zh) for action, words in ACTIONS.items()},
    **{f"reason.{code.value}": Wording(REASONS[code].en, REASONS[code].zh) for code in (Code.ALLOWED, *DENIALS)},
    "role.system": Wording("system", "系統"),
}
