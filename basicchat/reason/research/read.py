"""Reading one source for one part: the sections round the best passages, whole, and a checked paragraph of them."""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

from basicchat.core.errors import BasicChatError, Cancelled, DependencyMissing, StoreError
from basicchat.core.events import Event
from basicchat.core.grounding import CheckedSentence
from basicchat.core.research import Paragraph
from basicchat.core.types import Citation, Document, Hit, Passage
from basicchat.reason.attribute import citations
from basicchat.reason.attribute import quote as citation_of
from basicchat.reason.claims import without_numbers
from basicchat.reason.evidence import Evidence
from basicchat.reason.extract import best_quotes, rendered
from basicchat.reason.modes.searching import Found, look, rough_tokens
from basicchat.reason.modes.stepping import Desk
from basicchat.reason.prompts import answering
from basicchat.reason.research.desk import Place, Tools, WebText
from basicchat.reason.sentences import Sentence
from basicchat.reason.steps import Manner
from basicchat.reason.support import Grounds
from basicchat.reason.verify import Score, check
from basicchat.retrieve.pipeline import Retrieval

PARAGRAPH_TOKENS = 144
SHARE = 2  # a paragraph is written from half of the passages that a whole answer may draw on
WHOLE = 24  # passages up to which a document is read whole
PAGES = 2  # best pages whose sections are read: each with the page before it and after it
MOST_READ = 48  # passages that the reranker reads in one source
READ_SECONDS = 6.0  # what it may take for them
CHECK_SECONDS = 2.0  # what it may take for all sentences of a paragraph
WEB_PIECE = 900  # characters of a passage of a web page
_END = re.compile(r"([.!?]*)\s*$")


def document_read(place: Place, tools: Tools, question: str, title: str, *, model: bool) -> Paragraph:
    """What a document says about a question. Without ``model`` its best sentences are quoted."""
    document_id = place.task.request.scope.document_ids[0]
    found = look(place.task)
    place.tell()
    hits = section(place, tools, question, found.retrieval.hits)
    if not hits:
        return Paragraph(document_id, title, "silent", remark="It is not in the library any more.")
    found = replace(found, retrieval=replace(found.retrieval, hits=tuple(hits)))
    passages = place.task.retriever.passages(hits, budget=place.task.config.passage_tokens // SHARE, count=rough_tokens)
    return _told(place, Paragraph(document_id, title, "silent"), found, passages, model=model)


def web_read(place: Place, question: str, text: WebText, *, model: bool) -> Paragraph:
    """What a page of the web says about a question."""
    document = Document("", "", text.address, text.title, "text/html", "", 1, 0, 0.0)
    pieces = list(_pieces(text.text))
    scores = place.task.retriever.score(question, [piece for _, piece in pieces][:MOST_READ], seconds=READ_SECONDS)
    order = sorted(range(len(pieces)), key=lambda at: -(scores[at] if at < len(scores) else -1e9))
    passages: list[Passage] = []
    budget = place.task.config.passage_tokens // SHARE
    for at in order:
        start, piece = pieces[at]
        if sum(rough_tokens(each.text) for each in passages) + rough_tokens(piece) > budget:
            break
        passages.append(Passage(len(passages) + 1, document, 1, start, start + len(piece), piece, (), 0.0))
    found = Found(question, Retrieval((question,), (), {}), 0.0, Evidence(1.0))
    return _told(place, Paragraph("", text.title or text.address, "silent"), found, tuple(passages), model=model)


def section(place: Place, tools: Tools, question: str, hits: Sequence[Hit]) -> list[Hit]:
    """The passages of a document that are worth reading, best first.

    A short document is read whole; of a longer one the pages of the best hits and those beside them. The reranker puts
    them in order as far as its time goes; the rest follow as the search had them.
    """
    if not hits:
        return []
    document = hits[0].document
    best = list(dict.fromkeys(hit.chunk.page for hit in hits))[:PAGES]
    near = {page + step for page in best for step in (-1, 0, 1)}
    chunks = tools.shelf.chunks(document.id)
    wanted = [chunk for chunk in chunks if len(chunks) <= WHOLE or chunk.page in near]
    known = {hit.chunk.id: hit for hit in hits}
    read = [*hits, *(Hit(chunk, document, 0.0) for chunk in wanted if chunk.id not in known)][:MOST_READ]
    scores = place.task.retriever.score(question, [hit.chunk.text for hit in read], seconds=READ_SECONDS)
    place.tell()
    scored = sorted(zip(read, scores, strict=False), key=lambda pair: -pair[1])
    return [*(hit for hit, _ in scored), *read[len(scores) :]]


def _told(place: Place, empty: Paragraph, found: Found, passages: tuple[Passage, ...], *, model: bool) -> Paragraph:
    """A paragraph by the model, or by quotes where it may not or cannot be asked, or said nothing that holds."""
    if not passages:
        return empty
    remark = ""
    if model:
        try:
            written = _written(place, empty, found, passages)
        except (Cancelled, StoreError):
            raise
        except BasicChatError as error:
            remark = f"The model could not be used: {error}"
        else:
            if written.standing != "skipped":
                return written
            remark = "Nothing that the model wrote is borne out."
            empty = replace(written, standing="silent")
    return replace(_quoted(place, empty, passages), remark=remark)


def _written(place: Place, empty: Paragraph, found: Found, passages: tuple[Passage, ...]) -> Paragraph:
    """What the model writes, without the sentences that no passage bears out; ``skipped`` where none is left."""
    model = place.task.model
    if model is None:
        raise DependencyMissing("A chat model", hint="Fetch one with: basicchat models pull")
    desk = Desk(place.task, found, model, place.steps)
    question = place.task.request.question

    def drafted() -> Generator[Event, None, tuple[str, bool, tuple[Passage, ...]]]:
        prompt = desk.fitted(lambda kept: answering.messages(question, kept), passages)
        reply = yield from desk.drafted(prompt, Manner(PARAGRAPH_TOKENS))
        return reply.text, reply.declined, prompt.passages

    text, declined, read = place.finished(drafted())
    if declined:
        return empty
    kept, sentences, left_out = borne_out(text, read, question=question, score=timed(place))
    filled = replace(
        empty,
        checked=len(sentences),
        supported=sum(each.verdict == "supported" for each in sentences),
        left_out=left_out,
    )
    cited = citations(kept, read, question=question)
    return (
        replace(filled, standing="written", text=kept, citations=cited)
        if cited
        else replace(filled, standing="skipped")
    )


def borne_out(
    text: str, passages: Sequence[Passage], *, question: str, score: Score
) -> tuple[str, tuple[CheckedSentence, ...], tuple[str, ...]]:
    """The sentences of a text that passages bear out, each with a number; all that were checked; and those left out.

    A sentence whose writer named no passage gets the number of the one that bears it out best. Questions
    are dropped: a small model likes to repeat what it was asked.
    """
    checked = check(text, Grounds(passages, question=question), score=score)
    sentences = tuple(each for each in checked if not text[each.start : each.end].rstrip().endswith("?"))
    kept: list[str] = []
    left_out: list[str] = []
    for each in sentences:
        said = text[each.start : each.end].strip()
        if each.verdict == "unsupported" or (not each.numbers and each.passage is None):
            left_out.append(without_numbers(said))
        elif each.numbers:
            kept.append(said)
        else:
            kept.append(_END.sub(rf" [{each.passage}]\1", said, count=1))
    return " ".join(dict.fromkeys(kept)), sentences, tuple(left_out)


def timed(place: Place) -> Score:
    """The reranker on sentences, for `CHECK_SECONDS` altogether."""
    ends = time.monotonic() + CHECK_SECONDS

    def score(claim: str, texts: Sequence[str]) -> list[float]:
        left = ends - time.monotonic()
        return place.task.retriever.score(claim, texts, seconds=left) if left > 0 else []

    return score


def _quoted(place: Place, empty: Paragraph, passages: tuple[Passage, ...]) -> Paragraph:
    question = place.task.request.question
    quotes = best_quotes(
        question,
        passages,
        score=lambda texts: place.task.retriever.score(question, texts, seconds=CHECK_SECONDS),
        most=2,
    )
    if not quotes:
        return empty
    cited: dict[int, Citation] = {}
    for each in quotes:
        start = each.start - each.passage.start
        cited.setdefault(each.passage.number, citation_of(each.passage, Sentence(start, start + len(each.text))))
    return replace(empty, standing="quoted", text=rendered(quotes), citations=tuple(cited.values()))


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Stretches of a web page of about `WEB_PIECE` characters, cut at line ends, with their offsets."""
    start, offset = 0, 0
    for line in [*text.splitlines(keepends=True), ""]:
        offset += len(line)
        piece = text[start:offset]
        if piece.strip() and (offset - start >= WEB_PIECE or not line):
            yield start + len(piece) - len(piece.lstrip()), piece.strip()
            start = offset
