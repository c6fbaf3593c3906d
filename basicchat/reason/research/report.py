"""From kept steps to a report: citations numbered once over all sections, limits said. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from basicchat.core.research import Inquiry, Paragraph, Report, Section, Standing
from basicchat.core.types import Citation, Page
from basicchat.reason.cite import CITATION
from basicchat.reason.research.desk import Spent
from basicchat.reason.research.look import Looked
from basicchat.reason.research.summary import Summary

SILENT = "The documents do not say."
REPEATED = "What the documents say on this stands above."

_BRACKETS = re.compile(r"[\[\]]")
_RUN = re.compile(r"\[\d+\](?:\[\d+\])*")


class Numbering:
    """Gives every place that is cited one number, in the order of first use."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str, int, int, int], int] = {}
        self.citations: list[Citation] = []
        self.said: set[str] = set()
        """Paragraphs that stand in the report already."""

    def number(self, citation: Citation) -> int:
        """The number of a place."""
        place = (citation.document_id, citation.source, citation.page, citation.start, citation.end)
        if place not in self._numbers:
            self._numbers[place] = len(self.citations) + 1
            self.citations.append(_numbered(citation, self._numbers[place]))
        return self._numbers[place]

    def text(self, text: str, known: Mapping[int, Sequence[int]]) -> str:
        """The text with each of its numbers replaced by those that ``known`` has for it, each once in a row."""

        def renumbered(run: re.Match[str]) -> str:
            own = [int(number) for number in CITATION.findall(run.group())]
            new = dict.fromkeys(number for each in own for number in known.get(each, ()))
            return "".join(f"[{number}]" for number in new)

        return _RUN.sub(renumbered, text)


def assembled(
    inquiry: Inquiry,
    looks: Sequence[Looked],
    paragraphs: Sequence[Sequence[Paragraph]],
    summary: Summary,
    *,
    page: Callable[[str, int], Page | None],
    spent: Spent,
    model: str | None,
    documents: int,
    remarks: Sequence[str] = (),
    made_at: float = 0.0,
) -> Report:
    """The report. ``paragraphs`` are those of each look; ``page`` gives pages of the library as they are now."""
    numbering = Numbering()
    sections = [_section(look, found, numbering) for look, found in zip(looks, paragraphs, strict=True)]
    known = {
        place: [numbering.number(_cited(paragraphs[each.section][each.paragraph], number)) for number in each.numbers]
        for place, each in enumerate(summary.findings, start=1)
    }
    citations = tuple(numbering.citations)
    unresolved = tuple(each.number for each in citations if not resolves(each, page))
    everything = [each for found in paragraphs for each in found]
    return Report(
        question=inquiry.question,
        summary=numbering.text(summary.text, known),
        sections=tuple(sections),
        citations=citations,
        limits=tuple(_limits(inquiry, looks, sections, everything, summary, documents, unresolved, remarks)),
        model=model,
        documents=documents,
        unresolved=unresolved,
        steps=spent.steps,
        seconds=spent.seconds,
        written=spent.written,
        made_at=made_at,
    )


def resolves(citation: Citation, page: Callable[[str, int], Page | None]) -> bool:
    """Whether the place of a citation is there now and holds what it quotes; the web is not asked again.

    Where somebody corrected a passage its text is not that of the page: then the place alone has to be there.
    """
    if not citation.document_id:
        return bool(citation.source and citation.quote)
    found = page(citation.document_id, citation.page)
    return found is not None and 0 <= citation.start < citation.end <= len(found.text)


def numbers_in(report: Report) -> set[int]:
    """Every citation number that stands in a report."""
    texts = [report.summary, *(section.text for section in report.sections)]
    shown = {int(number) for text in texts for number in CITATION.findall(text)}
    return shown | {number for section in report.sections for number in section.nearest}


def _section(look: Looked, paragraphs: Sequence[Paragraph], numbering: Numbering) -> Section:
    texts: list[str] = []
    for paragraph in paragraphs:
        if paragraph.text and paragraph.text not in numbering.said:
            numbering.said.add(paragraph.text)
            known = {each.number: [numbering.number(each)] for each in paragraph.citations}
            texts.append(_lead(paragraph, paragraphs) + numbering.text(paragraph.text, known))
    standing = _standing(paragraphs)
    repeated = REPEATED if standing in ("written", "quoted") and not texts else ""
    return Section(
        question=look.question,
        standing=standing,
        text="\n\n".join(texts) if texts else (SILENT if standing == "silent" else repeated),
        read=tuple(dict.fromkeys(each.title for each in paragraphs if each.standing != "skipped")),
        checked=sum(each.checked for each in paragraphs),
        supported=sum(each.supported for each in paragraphs),
        left_out=tuple(sentence for each in paragraphs for sentence in each.left_out),
        nearest=tuple(numbering.number(each) for each in look.nearest) if standing == "silent" else (),
    )


def _lead(paragraph: Paragraph, beside: Sequence[Paragraph]) -> str:
    """Whose words follow, where several sources speak: a sentence on "the company" says little without that."""
    if sum(bool(each.text) for each in beside) < 2:
        return ""
    return f"{' '.join(_BRACKETS.sub(' ', paragraph.title).split())}: "


def _standing(paragraphs: Sequence[Paragraph]) -> Standing:
    found = {each.standing for each in paragraphs}
    for standing in ("written", "quoted", "skipped"):
        if standing in found:
            return standing
    return "silent"


def _cited(paragraph: Paragraph, number: int) -> Citation:
    return next(each for each in paragraph.citations if each.number == number)


def _numbered(citation: Citation, number: int) -> Citation:
    return Citation(
        number,
        citation.document_id,
        citation.source,
        citation.title,
        citation.page,
        citation.start,
        citation.end,
        citation.quote,
        citation.place,
    )


def _limits(
    inquiry: Inquiry,
    looks: Sequence[Looked],
    sections: Sequence[Section],
    paragraphs: Sequence[Paragraph],
    summary: Summary,
    documents: int,
    unresolved: Sequence[int],
    remarks: Sequence[str],
) -> list[str]:
    """What the reader should know about the report, a sentence each."""
    read = {each.document_id for each in paragraphs if each.document_id and each.standing != "skipped"}
    silent = [f"“{each.question}”" for each in sections if each.standing == "silent"]
    skipped = [f"“{each.question}”" for each in sections if each.standing == "skipped"]
    left_out = sum(len(each.left_out) for each in sections) + len(summary.left_out)
    quoted = [each.remark for each in paragraphs if each.remark and each.standing == "quoted"]
    found = [
        f"{len(read)} of {_counted(documents, 'document')} were read; what none of the searches found was not.",
        f"The documents do not say: {'; '.join(silent)}." if silent else "",
        f"The budget was spent before these were looked into: {'; '.join(skipped)}." if skipped else "",
        f"{_counted(left_out, 'sentence')} of the model that no passage bears out {_were(left_out)} left out."
        if left_out
        else "",
        *dict.fromkeys(quoted),
        summary.remark,
        *dict.fromkeys(remark for look in looks for remark in look.remarks),
        *remarks,
        f"These sources have changed or gone since: {', '.join(f'[{number}]' for number in unresolved)}."
        if unresolved
        else "",
        "Sentences were checked against their sources by words, figures and a reranker, not by a person.",
    ]
    if inquiry.web and any(look.web for look in looks):
        found.insert(1, "Pages of the web were read as they were then; they are not kept.")
    return [sentence for sentence in found if sentence]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
