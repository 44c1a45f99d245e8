"""A wrong command line, told in Chinese: what is wrong by its kind, and behind it what the parser says of this one."""

from __future__ import annotations

import os
from collections.abc import Sequence

from click.exceptions import (
    BadOptionUsage,
    BadParameter,
    ClickException,
    MissingParameter,
    NoSuchCommand,
    NoSuchOption,
)


def usage_zh(error: ClickException) -> str:
    """The sentence for a wrong command line; names of commands and options stay as they are typed."""
    return f"{_what(error)}（{error.format_message()}）"


def _what(error: ClickException) -> str:
    match error:
        case NoSuchCommand():
            return f"沒有 {error.command_name} 這個命令"
        case NoSuchOption():
            return f"沒有 {error.option_name} 這個選項"
        case BadOptionUsage():
            return f"選項 {error.option_name} 的用法不正確"
        case MissingParameter():
            return f"欠缺必要的{_named(error)}"
        case BadParameter():
            return f"{_named(error)} 的值不正確"
        case _:
            return "命令的用法不正確"


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
