"""FinanceBench (Islam et al. 2023): questions over filings as PDF, with the pages that hold the evidence."""

from __future__ import annotations

from pathlib import Path

from basicchat.core.errors import InvalidInput
from basicchat.evaluate.cases import EvaluationSet, Question, page_key
from basicchat.evaluate.lines import existing, records


def read(directory: Path) -> EvaluationSet:
    """Gold are pages from 1 (the file counts from 0); the group is the company. Files are those of ``pdfs``."""
    files = tuple(sorted((directory / "pdfs").glob("*.pdf")))
    if not files:
        raise InvalidInput(f"{directory} has no pdfs/*.pdf.")
    return EvaluationSet(
        "financebench",
        questions=tuple(
            Question(
                record["financebench_id"],
                record["question"],
                gold=tuple(
                    dict.fromkeys(
                        page_key(evidence["doc_name"], evidence["evidence_page_num"] + 1)
                        for evidence in record["evidence"]
                    )
                ),
                answers=((record["answer"],),),
                group=record["company"],
            )
            for record in records(existing(directory, "questions.jsonl"))
        ),
        files=files,
        by_page=True,
    )
