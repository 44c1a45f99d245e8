"""How a command ends: its exit codes. What each error of the rooms means is in `app.endings`.

| code | name          | means                                                                                    |
|------|---------------|------------------------------------------------------------------------------------------|
| 0    | ok            | done                                                                                     |
| 1    | faults        | done, and something was found: a fault of the log, rows that could not be taken          |
| 2    | usage         | the command line itself is wrong                                                         |
| 3    | refused       | the input is wrong, not allowed, or contradicts what is recorded; nothing was written    |
| 4    | unavailable   | the log, its database or its keys cannot be reached, or are busy: try again              |
| 5    | not_set_up    | settings are wrong, or there is no log, table or key yet: the message says what to do    |
| 70   | internal      | a fault of Chopbook's own                                                                |
| 130  | interrupted   | stopped by Ctrl-C; what was done until then is durable, and can be taken up again        |
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What the shell sees."""

    OK = 0
    FAULTS = 1
    USAGE = 2
    REFUSED = 3
    UNAVAILABLE = 4
    NOT_SET_UP = 5
    INTERNAL = 70
    INTERRUPTED = 130


class Refused(Exception):
    """A command's own refusal of its input.

    Attributes:
        code: for programs.
        zh: the sentence in Chinese.
    """

    def __init__(self, message: str, zh: str, *, code: str = "refused") -> None:
        self.code = code
        self.zh = zh
        super().__init__(message)


class NotUpgraded(Exception):
    """The database has another schema than this Chopbook."""

    def __init__(self, found: str, expected: str) -> None:
        self.zh = f"資料庫的結構為 {found}，此 Chopbook 需要 {expected}；請執行 chopbook db upgrade"
        super().__init__(
            f"database: expected schema {expected}, got {found}; bring it up to date with: chopbook db upgrade"
        )


@dataclass(frozen=True, slots=True)
class Ending:
    """What an error means: exit code, a stable code for programs, a sentence in each language."""

    exit_code: ExitCode
    code: str
    en: str
    zh: str
