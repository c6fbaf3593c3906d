"""``basicchat tools list|new|test|api|enable|disable|run``."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from basicchat.cli import invocation
from basicchat.cli.client import Client, open_client
from basicchat.cli.tool_catalogue import install
from basicchat.core.errors import BasicChatError, Conflict, InvalidInput
from basicchat.core.types import Json

if TYPE_CHECKING:
    from basicchat.toolbox import Toolbox, ToolStatus

STANDINGS = ("ask", "once", "always")

SHAPE = """Write them as '{"name": "value"}'."""

TEMPLATE = '''"""A tool of your own. It is loaded again whenever this file changes."""

from __future__ import annotations

from typing import Annotated

from basicchat.toolbox import InvalidInput, tool


@tool(version="1", examples=[{{"text": "hello"}}])
def {name}(text: Annotated[str, "What to turn round."]) -> str:
    """Turn a text round. Say here, in a sentence or two, what the tool is good for: the model reads it."""
    if not text:
        raise InvalidInput("There is no text.")
    return text[::-1]
'''


@click.group()
@invocation.common_options
def tools() -> None:
    """See, make, try, allow and run the tools of the assistant."""


tools.add_command(install)


@contextmanager
def opened() -> Iterator[Toolbox]:
    """The toolbox of the command that runs; the library is opened if a tool asks for it, and closed at the end."""
    from basicchat import bootstrap

    context = click.get_current_context()
    with ExitStack() as closing:

        def library() -> Client:
            with context.scope(cleanup=False):  # a tool runs in a thread of its own, where click knows no command
                return closing.enter_context(open_client(finds=True))

        yield bootstrap.open_toolbox(invocation.settings(), library)


@tools.command("list")
@invocation.common_options
def list_tools() -> None:
    """List the tools with what they may do, and the files that hold none."""
    output = invocation.output()
    with opened() as box:
        found, broken = box.tools(), box.broken()
    if output.as_json:
        output.document(
            {
                "tools": [_document(each) for each in found],
                "broken": [{"origin": each.origin, "reason": each.reason} for each in broken],
            }
        )
        return
    for each in found:
        needs = ", ".join(sorted(each.info.permissions)) or "nothing"
        whose = "" if each.builtin else f"  ({each.origin})"
        output.say(f"{each.info.name}  {_words(each)}{whose}", bold=True, dim=each.standing == "never")
        output.say(f"  {each.info.description}")
        output.say(f"  needs {needs}; {each.info.cost}; version {each.info.version}", dim=True)
    for trouble in broken:
        output.note(f"{trouble.origin} cannot be used: {trouble.reason}")


def _words(status: ToolStatus) -> str:
    return {"never": "off", "ask": "asks first", "once": "asks once", "always": "on"}[status.standing]


def _document(status: ToolStatus) -> dict[str, Any]:
    info = status.info
    return {
        "name": info.name,
        "description": info.description,
        "version": info.version,
        "cost": info.cost,
        "permissions": sorted(info.permissions),
        "standing": status.standing,
        "enabled": status.standing != "never",
        "builtin": status.builtin,
        "origin": status.origin,
        "tainted": info.tainted,
        "parameters": dict(info.parameters),
    }


@tools.command()
@click.argument("name")
@invocation.common_options
def new(name: str) -> None:
    """Write a file for a tool of your own, to be changed in an editor."""
    from basicchat.bootstrap.tools import tools_folder
    from basicchat.toolbox.registry import NAME

    output = invocation.output()
    if not NAME.fullmatch(name):
        raise InvalidInput(f"{name!r} is no name for a tool.", hint="Small letters, digits and _, such as word_count.")
    file = tools_folder(invocation.settings()) / f"{name}.py"
    with opened() as box:
        taken = name in {each.info.name for each in box.tools()}
    if taken or file.exists():
        raise Conflict(f"There is a tool {name} already.", hint="Choose another name, or change its file.")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(TEMPLATE.format(name=name), encoding="utf-8")
    if output.as_json:
        output.document({"file": str(file), "name": name})
    output.say(f"Wrote {file}. Change it, then try it with: basicchat tools test {name}")


@tools.command()
@click.argument("name")
@invocation.common_options
def test(name: str) -> None:
    """Look whether a tool declares itself well, and run its examples unless it writes or reaches the network."""
    from basicchat.toolbox.check import faults

    output = invocation.output()
    with opened() as box:
        for broken in box.broken():
            if Path(broken.origin).stem == name or broken.origin == name:
                raise InvalidInput(f"{broken.origin} cannot be used: {broken.reason}.")
        info = box.status(name).info
        told = faults(box.tool(name))
        ran = 0
        for arguments in () if info.permissions & {"write", "network"} else info.examples:
            try:
                box.call(name, arguments, ask=lambda request: "yes")
                ran += 1
            except BasicChatError as error:
                told.append(f"The example {json.dumps(dict(arguments), ensure_ascii=False)} failed: {error}")
    if told:
        raise InvalidInput(f"The tool {name} is not right yet: {' '.join(told)}", hint="Change its file and try again.")
    if output.as_json:
        output.document({"name": name, "ok": True, "examples": ran})
    output.say(f"{name} is right; {ran} of its {len(info.examples)} examples ran.")


@tools.command("api")
@click.argument("name")
@click.argument("source")
@invocation.common_options
def add_api(name: str, source: str) -> None:
    """Keep the OpenAPI description of an HTTP API, from a file or an https address, and list its operations.

    None of them is a tool before it is named in settings.toml.
    """
    from basicchat.bootstrap.tools import api_file, described_at
    from basicchat.toolbox.http_api import document_of
    from basicchat.toolbox.openapi import operations_of
    from basicchat.toolbox.registry import NAME

    output, settings = invocation.output(), invocation.settings()
    if not NAME.fullmatch(name):
        raise InvalidInput(f"{name!r} is no name for an API.", hint="Small letters, digits and _, such as weather.")
    data = described_at(settings, source)
    found = operations_of(document_of(data))
    file = api_file(settings, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    if output.as_json:
        operations: list[Json] = [{"id": each.name, "method": each.method, "path": each.path} for each in found]
        output.document({"file": str(file), "name": name, "operations": operations})
    for each in found:
        output.say(f"{each.name}  {each.method} {each.path}")
        output.say(f"  {each.description[:200]}", dim=True)
    output.say(f"Kept in {file}. Name those that may be used in settings.toml: [tools.api.{name}] operations = [...]")


@tools.command()
@click.argument("name")
@click.option("--standing", type=click.Choice(STANDINGS), default=None, help="When it may run; empty for as it came.")
@invocation.common_options
def enable(name: str, standing: str | None) -> None:
    """Turn a tool on: `ask` before every call, `once` until the program ends, or `always` let it run."""
    with opened() as box:
        _tell(box.set(name, standing))  # type: ignore[arg-type]


@tools.command()
@click.argument("name")
@invocation.common_options
def disable(name: str) -> None:
    """Turn a tool off: no model is offered it, and nobody can run it."""
    with opened() as box:
        _tell(box.set(name, "never"))


def _tell(status: ToolStatus) -> None:
    output = invocation.output()
    if output.as_json:
        output.document({"name": status.info.name, "standing": status.standing, "enabled": status.standing != "never"})
    output.say(f"{status.info.name}: {_words(status)}")


@tools.command()
@click.argument("name")
@click.argument("arguments", required=False, default="")
@click.option("--json", "given", is_flag=False, flag_value="", default="", help="The arguments as JSON, or @FILE.")
@click.option("--allow", is_flag=True, help="Let it run this once without asking.")
@invocation.place_options
def run(name: str, arguments: str, given: str, allow: bool) -> None:
    """Run a tool and print its typed result as JSON."""
    from basicchat.cli.output import Output
    from basicchat.toolbox import document_of

    values = _read(given or arguments)
    with opened() as box:
        begun = time.monotonic()
        status = box.status(name)
        result = box.call(name, values, ask=(lambda request: "yes") if allow else None)
        seconds = round(time.monotonic() - begun, 3)
    about: dict[str, Json] = {"tool": name, "version": status.info.version, "seconds": seconds}
    Output(as_json=True).document({**about, **document_of(result)})


def _read(text: str) -> dict[str, Any]:
    """Arguments from JSON, or from a file of it. Raises `InvalidInput`."""
    if text.startswith("@"):
        try:
            text = Path(text[1:]).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise InvalidInput(f"{text[1:]} cannot be read: {error}.") from error
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"The arguments are not JSON: {error}.", hint=SHAPE) from error
    if not isinstance(found, dict):
        raise InvalidInput("The arguments are no JSON object.", hint=SHAPE)
    return found
