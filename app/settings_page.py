"""Makes docs/settings.md from the table of settings: `python -m app.settings_page docs/settings.md`."""

import sys
from itertools import groupby
from pathlib import Path

from app.settings import FILE_VARIABLE
from app.settings_table import Setting, settings_table

_HEAD = f"""# Settings

<!-- Made by `just docs` from app/settings_table.py: change that, not this. -->

Every setting is an environment variable, or a line in a TOML file named by `{FILE_VARIABLE}` (or by `--settings`), where it has the same name in lower case without `CHOPBOOK_`.
The environment wins over the file, the file over the default.
An empty variable is the same as none.
A wrong value or an unknown name stops the start, with a sentence for each that says what to change.

```toml
# chopbook.toml
port = 8443
public_url = "https://chopbook.example"
trusted_proxies = ["10.0.0.0/8"]
```
"""


def settings_page() -> str:
    """The whole page, as it must stand in docs/settings.md."""
    parts = [_HEAD]
    for section, settings in groupby(settings_table(), key=lambda setting: setting.section):
        parts.append(f"\n## {section}\n")
        parts += [_paragraph(setting) for setting in settings]
    return "".join(parts)


def _paragraph(setting: Setting) -> str:
    return (
        f"\n### `{setting.variable}`\n\n"
        f"{setting.help}\n\n"
        f"- Value: {setting.kind.shown.en}\n"
        f"- Default: {setting.default_shown}\n"
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(settings_page(), encoding="utf-8")
