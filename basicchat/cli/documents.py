"""The shapes of ``--json``, word for word as other programs read them."""

from __future__ import annotations

from basicchat.core.codec import to_json
from basicchat.core.types import (
    Answer,
    Check,
    CheckedSentence,
    Chunk,
    ChunkVersion,
    Document,
    FileOutcome,
    Hit,
    Json,
    Passage,
)


def hit_document(rank: int, hit: Hit) -> dict[str, Json]:
    """One hit of ``search``; ``rank`` and ``page`` count from 1."""
    return {
        "rank": rank,
        "score": hit.score,
        "document_id": hit.document.id,
        "external_id": hit.document.external_id,
        "source": hit.document.source,
        "page": hit.chunk.page,
        "place": hit.chunk.place,
        "text": hit.chunk.text,
    }


def hits_document(hits: list[Hit]) -> dict[str, Json]:
    """The result of ``search``."""
    return {"hits": [hit_document(rank, hit) for rank, hit in enumerate(hits, start=1)]}


def answer_document(answer: Answer) -> dict[str, Json]:
    """The result of ``ask``."""
    return {
        "answer": answer.text,
        "abstained": answer.abstained,
        "citations": [
            {
                "number": citation.number,
                "document_id": citation.document_id,
                "source": citation.source,
                "page": citation.page,
                "place": citation.place,
                "quote": citation.quote,
            }
            for citation in answer.citations
        ],
        "mode": answer.mode,
        "model": answer.model,
        "usage": to_json(answer.usage),
        "timings": to_json(answer.timings),
        "warnings": list(answer.warnings),
        "earlier": to_json(answer.earlier),
        "likelihood": answer.likelihood,
        "steps": to_json(answer.steps),
        "conflicts": to_json(answer.conflicts),
        "sources": to_json(answer.sources),
        "sentences": [_sentence_document(answer, sentence) for sentence in answer.sentences],
        "calls": to_json(answer.calls),
    }


def _sentence_document(answer: Answer, sentence: CheckedSentence) -> dict[str, Json]:
    """A checked sentence, and where it is borne out best: null where no passage shares a word with it."""
    passage = next((each for each in answer.passages if each.number == sentence.passage), None)
    return {
        "text": answer.text[sentence.start : sentence.end],
        "start": sentence.start,
        "end": sentence.end,
        "verdict": sentence.verdict,
        "score": round(sentence.score, 3),
        "doubt": sentence.doubt,
        "citations": list(sentence.numbers),
        "evidence": None if passage is None else _evidence_document(passage, sentence),
    }


def _evidence_document(passage: Passage, sentence: CheckedSentence) -> dict[str, Json]:
    return {
        "passage": passage.number,
        "document_id": passage.document.id,
        "source": passage.document.source,
        "page": passage.page,
        "start": sentence.page_start,
        "end": sentence.page_end,
    }


def file_document(outcome: FileOutcome) -> dict[str, Json]:
    """One file of ``ingest``."""
    return {
        "path": outcome.path,
        "status": outcome.status.value,
        "document_id": outcome.document_id,
        "pages": outcome.pages,
        "chunks": outcome.chunks,
        "warnings": list(outcome.warnings),
        "error": outcome.error,
    }


def library_document(document: Document) -> dict[str, Json]:
    """One document of ``library``; ``added_at`` is in seconds since the epoch."""
    return {
        "id": document.id,
        "source": document.source,
        "title": document.title,
        "collection": document.collection,
        "media_type": document.media_type,
        "pages": document.page_count,
        "chunks": document.chunk_count,
        "external_id": document.external_id,
        "added_at": document.added_at,
        "indexed": document.indexed,
        "warnings": list(document.warnings),
        "tags": list(document.tags),
    }


def chunk_document(chunk: Chunk) -> dict[str, Json]:
    """One passage of ``library chunks``; ``page`` counts from 1."""
    return {
        "id": chunk.id,
        "document_id": chunk.document_id,
        "page": chunk.page,
        "place": chunk.place,
        "edited": chunk.edited,
        "text": chunk.text,
    }


def version_document(version: ChunkVersion) -> dict[str, Json]:
    """One text of ``library history``; ``edited_at`` is in seconds since the epoch."""
    return {"version": version.version, "text": version.text, "edited_at": version.edited_at}


def check_document(check: Check) -> dict[str, Json]:
    """One finding of ``doctor``."""
    return {"name": check.name, "ok": check.ok, "detail": check.detail, "repair": check.repair}
