"""``basicchat models list|pull|remove|verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from basicchat.cli import invocation
from basicchat.cli.exits import Exit
from basicchat.core.types import Json

if TYPE_CHECKING:
    from basicchat.service.models import ModelFileState, Models


def _open_models() -> Models:
    """Model files need no library, so these commands work while another BasicChat runs."""
    from basicchat import bootstrap

    return bootstrap.open_models(invocation.settings())


@click.group()
@invocation.common_options
def models() -> None:
    """See, fetch and check model files."""


@models.command("list")
@invocation.common_options
def list_models() -> None:
    """List the known models and the files of your own."""
    output = invocation.output()
    opened = _open_models()
    states = opened.files()
    if output.as_json:
        output.document({"models": [_document(state) for state in states]})
    for state in states:
        mark = "installed" if state.installed else "default" if state.default else ""
        output.say(f"{state.name:<40} {state.role:<8} {state.size_bytes / 1e6:>7.0f} MB  {state.licence:<12} {mark}")


@models.command()
@click.argument("names", nargs=-1, metavar="[NAME...]")
@click.option("--defaults", is_flag=True, help="What finds passages: the embedder and the reranker.")
@click.option("--all-defaults", is_flag=True, help="All that this machine fetches by itself, chat models included.")
@invocation.common_options
def pull(names: tuple[str, ...], defaults: bool, all_defaults: bool) -> None:
    """Fetch models. What is there already is not fetched again; what was broken off is continued."""
    output = invocation.output()
    opened = _open_models()
    states = {state.name: state for state in opened.files()}
    chosen = [state.name for state in states.values() if _is_wanted(state, defaults, all_defaults)]
    wanted = list(dict.fromkeys((*names, *chosen)))
    if not (names or defaults or all_defaults):
        raise click.UsageError("Give the NAME of a model, --defaults or --all-defaults.")
    for name in wanted:
        if name in states and states[name].installed:
            output.say(f"there     {name}")
            continue
        for progress in opened.pull_now(name):
            output.progress(name, progress)
        output.say(f"fetched   {name}")
    if output.as_json:
        output.document({"models": [{"name": name, "installed": True} for name in wanted]})


def _is_wanted(state: ModelFileState, defaults: bool, all_defaults: bool) -> bool:
    return state.default and (all_defaults or (defaults and state.role in {"embed", "rerank"}))


@models.command()
@click.argument("name")
@invocation.common_options
def remove(name: str) -> None:
    """Delete the files of a model."""
    output = invocation.output()
    opened = _open_models()
    opened.remove(name)
    if output.as_json:
        output.document({"removed": [name]})
    output.say(f"removed   {name}")


@models.command()
@click.argument("names", nargs=-1, metavar="[NAME...]")
@invocation.common_options
def verify(names: tuple[str, ...]) -> int:
    """Compare files with the digests of the catalogue; all installed models unless named. Exits 1 on a difference."""
    output = invocation.output()
    opened = _open_models()
    wanted = names or tuple(state.name for state in opened.files() if state.installed)
    found = {name: list(opened.verify(name)) for name in wanted}
    rows: list[Json] = []
    for name, checks in found.items():
        for check in checks:
            rows.append({"model": name, "path": check.path, "state": check.state, "sha256": check.sha256})
            output.say(f"{check.state:<8} {name}/{check.path}", colour="red" if check.state in BAD else None)
    if output.as_json:
        output.document({"files": rows})
    bad = any(check.state in BAD for checks in found.values() for check in checks)
    return Exit.FAULT if bad else Exit.DONE


BAD = frozenset({"wrong", "missing"})


def _document(state: ModelFileState) -> dict[str, Json]:
    return {
        "name": state.name,
        "role": state.role,
        "title": state.title,
        "licence": state.licence,
        "upstream": state.upstream,
        "size_bytes": state.size_bytes,
        "installed": state.installed,
        "default": state.default,
    }
