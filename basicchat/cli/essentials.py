"""The models that find passages: fetched by the first command that wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from basicchat.cli.output import Output
from basicchat.core.errors import DependencyMissing, DigestMismatch, FetchFailed, NotFound
from basicchat.core.types import Progress

if TYPE_CHECKING:
    from basicchat.settings import Settings

ABSENT = (DependencyMissing, FetchFailed, DigestMismatch, NotFound)
"""What keeps a model from being there: fetching is off, did not work, brought other bytes, or nobody knows the name."""


def fetch_essentials(settings: Settings, output: Output) -> None:
    """Fetch the embedder and the reranker where they are missing and fetching is on, told on stderr.

    Without the reranker things go on, with a note. Raises one of `ABSENT` where there is no embedder in the end.
    """
    from basicchat import bootstrap

    told: set[str] = set()

    def report(name: str, progress: Progress) -> None:
        if name not in told:
            told.add(name)
            output.note(f"Fetching {name}, which finds passages. This happens once.")
        output.progress(name, progress)

    try:
        bootstrap.fetch_essentials(settings, report)
    except ABSENT as error:
        if bootstrap.missing_essentials(settings)[:1] not in ([], [settings.models.reranker]):
            raise
        output.note(f"Going on without {settings.models.reranker}, so the order of passages is rougher: {error}")


def fetch_for_page(settings: Settings, output: Output) -> None:
    """The same, but the page starts whatever is missing: a sentence says what, and how it comes."""
    try:
        fetch_essentials(settings, output)
    except ABSENT as error:
        output.note(f"{settings.models.embedder} is missing, so documents cannot be taken in or searched: {error}")
        output.note(f"{error.hint} The page starts all the same, and its Settings can fetch the model later.")
