"""``basicchat eval corpus``: a check of one's own library, and better settings where there are some."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from basicchat.cli import invocation
from basicchat.cli.client import Client, open_client
from basicchat.cli.evaluate import WRITTEN
from basicchat.cli.exits import Exit
from basicchat.core.types import DEFAULT_COLLECTION, Json, Progress

if TYPE_CHECKING:
    from basicchat.cli.output import Output
    from basicchat.evaluate.checking import Checked
    from basicchat.evaluate.checkup import Checkup
    from basicchat.evaluate.tune import Changes, Proposal
    from basicchat.settings import Settings

KINDS = {
    "words": "words of a sentence",
    "fewer": "fewer of its words",
    "forms": "its words in other forms",
    "around": "words of several sentences",
    "asked": "asked by the model",
}
"""How questions were made, in words."""
RESTART = "It is used from the next start on; a page that is open has to be started again."


@click.command()
@click.option("--collection", default=DEFAULT_COLLECTION, show_default=True, help="Collection to ask about.")
@click.option("--questions", "count", default=100, show_default=True, type=click.IntRange(1, 5000), help="At most.")
@click.option("--model", default="", metavar="NAME", help="Let this chat model write the questions; takes longer.")
@click.option("--out", type=WRITTEN, help="Write one JSON object a question here.")
@click.option("--apply", "take", is_flag=True, help="Write what is proposed into settings.toml.")
@click.option("--undo", is_flag=True, help="Check nothing; take back the proposal that was applied last.")
@invocation.common_options
def corpus(collection: str, count: int, model: str, out: Path | None, take: bool, undo: bool) -> int:
    """Check whether your own passages are found, and whether other settings would find more.

    Questions are made from your passages: from their own words without a model, so people who ask in other words will
    find less; or by a chat model. Settings are chosen on one half of the questions and proposed only where the other
    half bears them out. Exits 3 when there is nothing to ask about.
    """
    from basicchat.bootstrap import quality

    output = invocation.output()
    if undo:
        undone = quality.undo(invocation.settings())
        if output.as_json:
            output.document({"undone": dict(undone.changes)})
        output.say(f"Taken back: {_settings_line(undone.changes)}. {RESTART}")
        return Exit.DONE
    with open_client(finds=True) as client:
        if not client.library.documents(collection):
            output.note("There are no passages to ask about.")
            return Exit.NOTHING_FOUND
        checked = _checked(client, collection, count, model, output)
        weak = list(_weak(client, checked.checkup))
    _keep(checked, out)
    applied = _apply(checked.checkup.proposal, invocation.settings()) if take else {}
    if output.as_json:
        output.document(_document(checked, weak, applied))
    output.say("\n".join(_lines(checked.checkup, weak)))
    if applied:
        output.say(f"Applied: {_settings_line(applied)}. {RESTART} Take it back with: basicchat eval corpus --undo")
    _note(checked.checkup, output)
    return Exit.DONE


def _checked(client: Client, collection: str, count: int, model: str, output: Output) -> Checked:
    from basicchat.core.codec import from_json
    from basicchat.evaluate.checking import Checked

    def report(_: str, progress: Progress) -> None:
        output.progress("Checking", progress)

    return from_json(Checked, client.quality.checked(collection, count, model, report))


def _keep(checked: Checked, out: Path | None) -> None:
    from basicchat.evaluate.rows import write_rows

    if out is not None:
        write_rows(checked.rows, out)


def _weak(client: Client, found: Checkup) -> Iterator[tuple[str, int, int]]:
    """Name, questions and found ones of every document that hides its text."""
    for each in found.weak:
        document = client.library.document(each.document_id)
        yield document.title or document.source, each.asked, each.found


def _apply(proposal: Proposal | None, settings: Settings) -> Changes:
    """Write the settings of the proposal, if there is one; what was written."""
    from basicchat.bootstrap import quality

    return quality.apply(settings, proposal.changes).changes if proposal else {}


def _document(checked: Checked, weak: list[tuple[str, int, int]], applied: Changes) -> dict[str, Json]:
    from basicchat.core.codec import to_json
    from basicchat.evaluate.summary import summarise, times

    return {
        "kind": "own",
        "mode": "search",
        "questions": len(checked.rows),
        "measures": {figure.name: figure.as_json() for figure in summarise(checked.rows)},
        **times(checked.rows),
        "checkup": to_json(checked.checkup),
        "weak": [{"document": name, "questions": asked, "found": found} for name, asked, found in weak],
        "applied": dict(applied),
    }


def _lines(found: Checkup, weak: list[tuple[str, int, int]]) -> Iterator[str]:
    yield f"{found.questions} questions about {found.passages:,} passages of {found.documents:,} documents"
    for words, figure in zip(("first", "in the first 5", "in the first 20"), found.hits, strict=True):
        yield f"  found {words:<18}{figure.value:>8.3f}   ({figure.low:.3f} to {figure.high:.3f})"
    for kind in found.kinds:
        yield f"  in the first 5, {KINDS[kind.kind]}: {kind.found} of {kind.asked}"
    yield f"  seconds a question      {found.seconds_p50:>8.2f}   (95 of 100 within {found.seconds_p95:.2f})"
    answers = found.answers
    yield f"Of {answers.asked} answered in quotes, {answers.given} got an answer; {answers.cited} cite the passage"
    if answers.absent:
        yield f"Of {answers.absent} questions about what is not in the library, {answers.declined} were refused"
    if weak:
        yield "Documents that hide their text:"
        yield from (f"  {name}: {_weak_words(asked, hit)}" for name, asked, hit in weak)
    yield from _proposal(found)


def _weak_words(asked: int, found: int) -> str:
    return f"{found} of {asked} questions found their passage" if asked else "says too little to ask about"


def _proposal(found: Checkup) -> Iterator[str]:
    if found.small:
        yield "Your library is too small to compare settings."
    elif found.proposal is None:
        yield f"Your settings are right for this library ({len(found.tried)} ways to search were compared)."
    else:
        each = found.proposal
        yield f"Proposal: {each.words} ({_settings_line(each.changes)}); it {each.gain}."
        yield (
            f"  On {each.count} questions that nothing was chosen on: {each.found.name} {each.found.first:.3f} -> "
            f"{each.found.second:.3f} ({each.found.low:+.3f} to {each.found.high:+.3f}), in the first 5 "
            f"{each.kept.first:.3f} -> {each.kept.second:.3f}, {each.before:.2f} s -> {each.seconds:.2f} s"
        )


def _settings_line(changes: Changes) -> str:
    from basicchat.bootstrap.settings_file import written

    return ", ".join(f"retrieve.{name} = {written(value)}" for name, value in changes.items())


def _note(found: Checkup, output: Output) -> None:
    made = f"by {found.model}" if found.model else "in the words of the passages: nearer to an upper bound"
    output.note(
        f"Questions were made {made}. {found.left_out} passages have a near-duplicate and were not asked about."
    )
