"""A wrong command line, told in Chinese: what is wrong by its kind, and what was expected, as far as the parser's type tells.

What is left, such as a text that one command alone reads, is told by the parser's own words.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from click import Choice, Context, File, FloatRange, IntRange, Path
from click.exceptions import (
    BadOptionUsage,
    BadParameter,
    ClickException,
    MissingParameter,
    NoSuchCommand,
    NoSuchOption,
    UsageError,
)
from click.types import FloatParamType, IntParamType


class WrongUsage(UsageError):
    """A command line that contradicts itself, in a way its command alone knows."""

    def __init__(self, message: str, zh: str, ctx: Context | None = None) -> None:
        self.zh: Final = zh
        super().__init__(message, ctx)


def usage_zh(error: ClickException) -> str:
    """The sentence for a wrong command line; names of commands and options stay as they are typed."""
    return error.zh if isinstance(error, WrongUsage) else _what(error)


def _what(error: ClickException) -> str:
    match error:
        case NoSuchCommand():
            return f"沒有 {error.command_name} 這個命令{_meant(error.possibilities)}"
        case NoSuchOption():
            return f"沒有 {error.option_name} 這個選項{_meant(error.possibilities)}"
        case BadOptionUsage():
            return f"選項 {error.option_name} 的用法不正確，或欠缺其值"
        case MissingParameter():
            return f"欠缺必要的{_named(error)}"
        case BadParameter():
            return f"{_named(error)} 的值不正確{_expected(error)}"
        case _:
            return f"命令的用法不正確（{error.format_message()}）"


def _meant(possibilities: Sequence[str] | None) -> str:
    return f"；你是指 {' 或 '.join(possibilities)} 嗎？" if possibilities else ""


def _expected(error: BadParameter) -> str:
    match None if error.param is None else error.param.type:
        case Choice() as one:
            return f"；須為以下其中之一：{', '.join(map(str, one.choices))}"
        case IntRange() | FloatRange() as number:
            least, most = (None if end is None else f"{end}" for end in (number.min, number.max))
            ends = (least and f"最小為 {least}", most and f"最大為 {most}")
            return f"；須為數字，{'，'.join(end for end in ends if end)}"
        case IntParamType() | FloatParamType():
            return "；須為數字"
        case Path() | File():
            return "；須為存在而可以使用的檔案或資料夾"
        case _:
            return f"（{error.format_message()}）"


def _named(error: BadParameter) -> str:
    name = "" if error.param is None else error.param.opts[-1]
    return f"選項 {name}" if name.startswith("-") else f"參數 {name.upper()}"


def asks_for_chinese(arguments: Sequence[str]) -> bool:
    """Whether a command line that could not be read asks for Chinese, by itself or by the terminal's language."""
    chosen = None
    for place, argument in enumerate(arguments):
        if argument == "--language":
            chosen = next(iter(arguments[place + 1 : place + 2]), None)
        elif argument.startswith("--language="):
            chosen = argument.partition("=")[2]
    return is_chinese(chosen)


def is_chinese(chosen: str | None) -> bool:
    """Whether the language that was chosen, or else that of the terminal, is Chinese."""
    if chosen is None:
        chosen = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return chosen.lower().startswith("zh")
