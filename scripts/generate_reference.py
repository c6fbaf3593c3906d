"""Writes docs/reference from the program itself: settings, commands, errors. With --check, only compares."""

from __future__ import annotations

import argparse
import inspect
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel

from basicchat.adapters.load import default_loaders
from basicchat.cli.exits import EXIT_CODES
from basicchat.cli.main import cli
from basicchat.core.errors import all_errors
from basicchat.ingest.formats import ENDINGS, NAMES, PDF, SOURCE, ZIP
from basicchat.settings import Settings
from basicchat.toolbox import Registry, builtin_folder

ROOT = Path(__file__).resolve().parents[1]
NOTE = "<!-- Made by scripts/generate_reference.py from the program; change it there. -->\n"
COMMON = {"json", "profile", "home", "help"}


def settings_page() -> str:
    """Every setting with its environment variable, default and meaning."""
    lines = [
        "# Settings\n",
        NOTE,
        "Arguments of a command win over the environment, which wins over `settings.toml` in the home. In the file a",
        'group is a table: `[ollama]`, then `url = "..."`.\n',
        "| setting | environment | default | meaning |",
        "|---|---|---|---|",
        *_setting_rows(Settings, "", "BASICCHAT_"),
    ]
    return "\n".join(lines) + "\n"


def _setting_rows(model: type[BaseModel], prefix: str, variable: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _setting_rows(kind, f"{prefix}{name}.", f"{variable}{name.upper()}__")
        else:
            yield (
                f"| `{prefix}{name}` | `{variable}{name.upper()}` | {_shown(field.get_default())} "
                f"| {field.description or ''} |"
            )


def _shown(default: Any) -> str:
    if default is None or default == "" or default == ():
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def commands_page() -> str:
    """Every command with its arguments and options."""
    lines = [
        "# Commands\n",
        NOTE,
        "Every command takes `--home`, `--profile` and `--json`, before or after its name. With `--json` stdout holds",
        "exactly one JSON document (with `--batch`, one a line); everything else goes to stderr.\n",
        "Exit codes: 0 done, 1 fault, 2 user error, 3 nothing found or no answer, 130 stopped with Ctrl+C.\n",
        *_command_lines(cli, "basicchat"),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _command_lines(command: click.Command, path: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from _command_lines(command.commands[name], f"{path} {name}")
        return
    context = click.Context(command, info_name=path)
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"## `{path}`\n"
    yield f"```\n{path} {usage}\n```\n"
    yield inspect.cleandoc(command.help or "") + "\n"
    options = [each for each in command.params if isinstance(each, click.Option) and each.name not in COMMON]
    for option in options:
        name = f"{', '.join(option.opts)} {option.make_metavar(context) if not option.is_flag else ''}".strip()
        yield f"- `{name}` {option.help or ''}{_default(option)}"
    if options:
        yield ""


def _default(option: click.Option) -> str:
    return f" Default: `{option.default}`." if option.show_default else ""


def errors_page() -> str:
    """Every error with its exit code."""
    lines = [
        "# Errors\n",
        NOTE,
        'With `--json` an error is `{"error": {"code", "message", "hint"}}` on stdout. The codes are stable.\n',
        "| code | what it says | exit | worth trying again |",
        "|---|---|---|---|",
    ]
    for code, kind in sorted(all_errors().items()):
        said = inspect.cleandoc(kind.__doc__ or "").splitlines()[0]
        again = "yes" if kind.retryable else ""
        lines.append(f"| `{code}` | {said} | {int(EXIT_CODES[code])} | {again} |")
    return "\n".join(lines) + "\n"


def formats_page() -> str:
    """Every format with the endings of its files and what is kept of it."""
    lines = [
        "# Formats\n",
        NOTE,
        "A file is told by its content; an ending matters only where the content says nothing, and text with an ending",
        "that nobody knows is read as plain text. What is missing for a format is said on that file alone, with the",
        'line that installs it: `pip install "basicchat[ocr]"` or `pip install "basicchat[speech]"`. How much of real',
        "files is read stands in [the measurements](../explanation/formats.md).\n",
        "| format | endings | how it is read | needs |",
        "|---|---|---|---|",
    ]
    kept = {kind: _first_words(loader) for loader in default_loaders() for kind in loader.media_types}
    kept[ZIP] = "Every file in it is taken in by itself, three archives deep, within limits of size and number."
    for kind, endings in sorted(ENDINGS.items(), key=lambda item: NAMES[item[0]].casefold()):
        if kind in kept:
            shown = " ".join(f"`{ending}`" for ending in endings[kind == SOURCE :])
            lines.append(f"| {NAMES[kind]} | {shown} | {kept[kind]} | {_needs(kind)} |")
    return "\n".join(lines) + "\n"


def _first_words(loader: object) -> str:
    """The first paragraph of what a loader says of itself."""
    said = inspect.getdoc(type(loader)) or ""
    return " ".join(said.partition("\n\n")[0].split()).replace("``", "`").replace("|", "\\|")


def _needs(kind: str) -> str:
    if kind.startswith("image/"):
        return "Tesseract, or the extra `ocr`"
    if kind.startswith("audio/"):
        return "the extra `speech`"
    return "for scans: Tesseract, or the extra `ocr`" if kind == PDF else ""


def tools_page() -> str:
    """Every built-in tool with its arguments."""
    lines = [
        "# Tools\n",
        NOTE,
        "What the assistant can do besides reading passages; [how to use and make them](../how-to/tools.md). What",
        "needs `network` or `write` asks before every call unless you told it otherwise. Words from a tool marked as",
        "*others' words* are data: a call that they led to never writes or reaches the network unasked.\n",
    ]
    found = Registry(builtin=builtin_folder()).look().tools
    for name in sorted(found):
        info = found[name].tool.info
        needs = ", ".join(f"`{each}`" for each in sorted(info.permissions)) or "nothing"
        others = "; others' words" if info.tainted else ""
        lines += [
            f"## `{name}`\n",
            f"{info.description}\n",
            f"Needs {needs}; {info.cost}; version {info.version}{others}.\n",
        ]
        lines += [f"- `{argument}` {_argument(schema)}" for argument, schema in _arguments(info.parameters)]
        examples = [json.dumps(dict(each), ensure_ascii=False) for each in info.examples if each]
        lines += [
            "",
            *[f"```sh\nbasicchat tools run {name} --json '{each}'\n```" for each in examples[:1] if "'" not in each],
        ]
        lines += [""] if examples else []
    return "\n".join(lines).rstrip() + "\n"


def _arguments(parameters: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from dict(parameters.get("properties", {})).items()


def _argument(schema: Mapping[str, Any]) -> str:
    default = f" Default: `{json.dumps(schema['default'])}`." if schema.get("default") not in (None, "") else ""
    return f"{schema.get('description', '')}{default}"


PAGES = {
    "settings.md": settings_page,
    "commands.md": commands_page,
    "errors.md": errors_page,
    "formats.md": formats_page,
    "tools.md": tools_page,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages; with --check, 1 when one of them is not current."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args(arguments)
    stale = []
    for name, page in PAGES.items():
        path = ROOT / "docs" / "reference" / name
        if options.check:
            current = path.read_text(encoding="utf-8") if path.is_file() else ""
            stale += [name] if current != page() else []
        else:
            path.write_text(page(), encoding="utf-8", newline="\n")
    print(f"reference: {len(PAGES)} pages" + (f", not current: {', '.join(stale)} (run `make docs`)" if stale else ""))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
