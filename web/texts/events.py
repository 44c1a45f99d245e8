"""What each type of entry is called: the titles that notices use, under keys of the pages."""

from collections.abc import Mapping
from typing import Final

from api.languages import Wording
from workflow.notices.titles import TITLES

TEXTS: Final[Mapping[str, Wording]] = {
    f"event.{event_type}": Wording(en, zh) for event_type, (zh, en) in TITLES.items()
}
