"""Makes docs/cli.md from the commands themselves: `python -m app.cli_page docs/cli.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import rich_click as click

from app import exits
from app.cli import cli

_HEAD = """# The command line

<!-- Made by `just docs` from the commands in app/commands: change those, not this. -->

Every command answers on standard output, with `--json` as one JSON document; progress, notes and errors go to standard error.
A bar is drawn only where somebody looks: if standard error is a terminal, and neither `--quiet` nor `--json` was said.
With `--json`, an error is one JSON document on standard error: `{"error": {"code", "exit_code", "message", "message_zh"}}`.

A command that changes something is an entry of the log like any other change.
It acts as the system itself, or with `--as` as a person, who must be permitted to do it.

Options of every command: `--json`, `--quiet`, `--language en|zh`, `--settings FILE`, `--data-dir FOLDER`; they may stand before or after the command's name.
All other settings are those of [settings.md](settings.md).

## Exit codes

"""


def cli_page() -> str:
    """The whole page, as it must stand in docs/cli.md."""
    parts = [_HEAD, *_exit_codes(), "\n"]
    context = click.Context(cli, info_name="chopbook")
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        if command is not None:
            parts += _chapter(command, f"chopbook {name}")
    return "".join(parts)


def _exit_codes() -> Iterator[str]:
    """The table of the module that defines them, without its indentation."""
    for line in (exits.__doc__ or "").splitlines():
        if line.startswith("|"):
            yield " ".join(line.split()).replace("|-", "| -").replace("-|", "- |") + "\n"


def _chapter(command: click.Command, path: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        yield f"## `{path}`\n\n{_sentence(command.help)}\n\n"
        for name, sub in command.commands.items():
            yield from _section(sub, f"{path} {name}", "###")
            if isinstance(sub, click.Group):
                for own, each in sub.commands.items():
                    yield from _section(each, f"{path} {name} {own}", "####")
    else:
        yield from _section(command, path, "##")


def _section(command: click.Command, path: str, mark: str) -> Iterator[str]:
    arguments = "".join(
        f" {param.human_readable_name}" for param in command.params if isinstance(param, click.Argument)
    )
    yield f"{mark} `{path}{arguments}`\n\n{_sentence(command.help)}\n\n"
    common = {param.name for param in cli.params}
    own = [param for param in command.params if isinstance(param, click.Option) and param.name not in common]
    for option in own:
        shown = (
            option.make_metavar(click.Context(command))
            .replace("INTEGER RANGE", "NUMBER")
            .replace("FLOAT RANGE", "NUMBER")
        )
        value = "" if option.is_flag else f" {shown}"
        needed = " (needed)" if option.required else ""
        default = f" Default: {option.default}." if option.show_default else ""
        yield f"- `{', '.join(option.opts)}{value}`{needed}: {_sentence(option.help)}{default}\n"
    if own:
        yield "\n"


def _sentence(text: str | None) -> str:
    text = (text or "").strip()
    return text if text.endswith((".", "?", ")")) else f"{text}."


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(cli_page().rstrip() + "\n", encoding="utf-8")
