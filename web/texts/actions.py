"""What roles, actions and outcomes are called: the words of the policies, under keys of the pages."""

from collections.abc import Mapping
from typing import Final

from api.languages import Wording
from policies.reasons import ACTIONS, ROLES

TEXTS: Final[Mapping[str, Wording]] = {
    **{f"role.{role.value}": Wording(words.en, words.zh) for role, words in ROLES.items()},
    **{f"action.{action.value}": Wording(words.en, words.zh) for action, words in ACTIONS.items()},
    "role.system": Wording("system", "系統"),
}
