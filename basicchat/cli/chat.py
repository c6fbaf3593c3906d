"""``basicchat chat``: a conversation in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial

import click

from basicchat.cli import answering, invocation
from basicchat.cli.client import open_client
from basicchat.cli.consent import show_with_consent
from basicchat.cli.documents import answer_document
from basicchat.cli.output import Output, error_document, is_terminal
from basicchat.core.errors import BasicChatError, StoreError
from basicchat.core.events import Event
from basicchat.core.types import DEFAULT_COLLECTION, Message
from basicchat.reason.gate import Strictness

HELP = "Type a question. /new starts over, /quit (or Ctrl+D) leaves, Ctrl+C stops an answer and leaves."
MEMORY = 12
"""Messages of this conversation that the model is reminded of."""


@click.command()
@click.option("--mode", default=None, help="auto, direct, extractive, chat, or any other that `ask` knows.")
@click.option("--model", default=None, metavar="NAME", help="Chat model to use.")
@click.option("--collection", default=DEFAULT_COLLECTION, show_default=True, help="Collection to draw on.")
@click.option("--fresh", is_flag=True, help="Make every answer now, even where an earlier one could be given again.")
@answering.strictness
@invocation.common_options
def chat(mode: str | None, model: str | None, collection: str, fresh: bool, strictness: Strictness | None) -> None:
    """Talk in the terminal. Questions can also be piped in, one a line; with --json every answer is a line of JSON."""
    output = invocation.output()
    history: list[Message] = []
    with open_client(finds=True) as client:
        ask = partial(client.stream, mode=mode, model=model, collection=collection, fresh=fresh, strictness=strictness)
        for line in _lines(output):
            if line == "/quit":
                break
            if line == "/new":
                history.clear()
            elif line == "/help":
                output.note(HELP)
            else:
                history += _answer(ask, line, history[-MEMORY:], output)


def _answer(
    ask: Callable[..., Iterator[Event]], question: str, history: list[Message], output: Output
) -> list[Message]:
    """Answer one question; what to remember of it. An error is told, and the conversation goes on."""
    try:
        answer = show_with_consent(partial(ask, question, history=history), output)
    except StoreError:
        raise
    except BasicChatError as error:
        if output.as_json:
            output.document({"error": error_document(error)})
        output.note(f"{error} {error.hint}")
        return []
    output.say()
    if output.as_json:
        output.document(answer_document(answer))
    return [Message("user", question), Message("assistant", answer.text)]


def _lines(output: Output) -> Iterator[str]:
    """What the person types, line by line, without blank lines; ends with the input."""
    asking = is_terminal(sys.stdin)
    if asking:
        output.note(HELP)
    while True:
        if asking:
            click.echo("> ", err=True, nl=False)
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            yield line.strip()
