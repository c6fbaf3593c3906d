"""``basicchat tools install``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from basicchat.cli import invocation
from basicchat.core.errors import ApprovalNeeded, Conflict


@click.command()
@click.argument("name")
@click.option(
    "--catalogue",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The list, with its signature FILE.sig and the tools' files beside it.",
)
@click.option("--key", "keys", multiple=True, help="Public key of its keeper, base64; more than one may be given.")
@click.option("--version", "wanted", default="", help="Refuse every other version.")
@click.option("--replace", is_flag=True, help="Put it in the place of one of that name.")
@click.option("--yes", is_flag=True, help="Agree to its permissions without being asked.")
@invocation.common_options
def install(name: str, catalogue: Path, keys: tuple[str, ...], wanted: str, replace: bool, yes: bool) -> None:
    """Install a shared tool from a signed catalogue. It asks before every call until you say otherwise."""
    from basicchat.bootstrap.tools import tools_folder
    from basicchat.cli.tools import opened
    from basicchat.toolbox.catalogue import install as put
    from basicchat.toolbox.catalogue import offered

    output, settings = invocation.output(), invocation.settings()
    found = offered(catalogue, name, keys or settings.tools.catalogue_keys, version=wanted)
    info = found.tool.info
    needs = ", ".join(sorted(info.permissions)) or "nothing"
    with opened() as box:
        if any(each.info.name == name and each.builtin for each in box.tools()):
            raise Conflict(f"{name} is the name of a built-in tool.")
        if not yes and not _agreed(f"{name} {info.version} declares that it needs: {needs}. Install it?"):
            raise ApprovalNeeded(f"{name} was not installed: it needs {needs}.", hint="Agree to that with --yes.")
        file = put(found, tools_folder(settings), replace=replace)
        standing = box.set(name, "ask").standing
    if output.as_json:
        output.document({"name": name, "version": info.version, "file": str(file), "standing": standing})
    output.say(f"Installed {name} {info.version} ({found.entry.sha256[:12]}) as {file}. It asks before every call.")


def _agreed(question: str) -> bool:
    """Whether the person says yes; nobody is asked off a terminal, or where only a document is to be printed."""
    if invocation.output().as_json or not sys.stdin.isatty():
        return False
    return click.confirm(question, default=False, err=True)
