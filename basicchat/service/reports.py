"""A report as a text to keep: Markdown, HTML, JSON. Text of documents and models is escaped; nothing links out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from html import escape

from basicchat.core.codec import to_json
from basicchat.core.place import where
from basicchat.core.research import Report, Section
from basicchat.core.types import Citation

QUOTE = 300  # characters of a quotation in the list of sources
STANDINGS = {
    "written": "",
    "quoted": "Quoted word for word.",
    "silent": "",
    "skipped": "Not looked into: the budget was spent.",
}

_SPECIAL = re.compile(r"([\\`*_{}<>#|~$!])")
_BRACKET = re.compile(r"\[(?!\d{1,3}\])|(?<!\d)\]")
_CITATION = re.compile(r"\[(\d+)\]")
_NOT_SLUG = re.compile(r"[^\w\- ]")

STYLE = """
body{font:17px/1.6 Georgia,serif;color:#1c1b19;background:#fbfaf7;max-width:44rem;margin:2rem auto;padding:0 1rem}
h1,h2,h3{line-height:1.25;font-family:system-ui,sans-serif}
a{color:#0f6b5c}a.cite{text-decoration:none;font-size:.8em}
.by,.note,.quote{color:#57534c;font-size:.9em;overflow-wrap:anywhere}
p{white-space:pre-line;overflow-wrap:anywhere}
@media (prefers-color-scheme:dark){
body{color:#eceae4;background:#151614}a{color:#6fd3bf}.by,.note,.quote{color:#b2aea4}
}
"""


def rendered(report: Report, form: str) -> str:
    """The report in one of `FORMATS`."""
    return FORMATS[form](report)


def byline(report: Report) -> str:
    """Who wrote it, when, from what."""
    made = datetime.fromtimestamp(report.made_at).astimezone()
    who = report.model or "quotes alone, without a model"
    sources = len({each.document_id or each.source for each in report.citations})
    return (
        f"{made:%Y-%m-%d %H:%M} · {who} · {len(report.citations)} citations of {sources} sources, from "
        f"{report.documents} documents · {report.steps} steps in {report.seconds:.0f} s"
    )


def checked(section: Section) -> str:
    """How many sentences of a section are borne out, empty for one without any that were checked."""
    kept = section.checked - len(section.left_out)
    if section.standing != "written" or not kept:
        return ""
    left = f", {len(section.left_out)} left out" if section.left_out else ""
    return f"{section.supported} of {kept} sentences clearly supported{left}."


def source_line(citation: Citation) -> str:
    """What a number stands for: title and page, or title and address."""
    if not citation.document_id:
        return f"{citation.title}, {citation.source}" if citation.title else citation.source
    return f"{citation.title or citation.source}, {where(citation.place, citation.page)}"


# ---------------------------------------------------------------- Markdown


def markdown(report: Report) -> str:
    """Contents, summary, sections, limits and sources."""
    heads = ["Summary", *(section.question for section in report.sections), "Limits", "Sources"]
    lines = [f"# {_plain(report.question)}", "", f"*{_plain(byline(report))}*", "", "## Contents", ""]
    lines += [f"- [{_plain(head)}](#{_slug(head)})" for head in heads]
    lines += ["", "## Summary", "", _prose(report.summary) or "Nothing was found.", ""]
    for section in report.sections:
        lines += [f"## {_plain(section.question)}", "", *_section_lines(section)]
    lines += ["## Limits", "", *(f"- {_plain(limit)}" for limit in report.limits), "", "## Sources", ""]
    for each in report.citations:
        gone = " (changed or gone since)" if each.number in report.unresolved else ""
        lines.append(f"{each.number}. {_address(each)}{gone}: “{_plain(_short(each.quote))}”")
    return "\n".join(lines) + "\n"


def _section_lines(section: Section) -> Iterator[str]:
    if section.text:
        yield from (_prose(section.text), "")
    if section.nearest:
        yield from ("Nearest: " + "".join(f"[{number}]" for number in section.nearest), "")
    notes = " ".join(note for note in (STANDINGS[section.standing], checked(section)) if note)
    if notes:
        yield from (f"*{notes}*", "")


def _address(citation: Citation) -> str:
    if citation.document_id:
        return _plain(source_line(citation))
    return f"{_plain(citation.title)}, `{citation.source.replace('`', '')}`"


def _plain(text: str) -> str:
    """Markdown that shows exactly this text, on one line."""
    return _BRACKET.sub(lambda found: f"\\{found.group()}", _SPECIAL.sub(r"\\\1", " ".join(text.split())))


def _prose(text: str) -> str:
    """Text with its lines, lists and citation numbers; everything else shows as typed."""
    lines = []
    for line in text.splitlines():
        item = line.startswith("- ")
        lines.append(f"- {_plain(line[2:])}" if item else _plain(line))
    return "\n".join(lines)


def _slug(head: str) -> str:
    """How GitHub names the anchor of a heading."""
    return _NOT_SLUG.sub("", head.lower()).replace(" ", "-")


def _short(quote: str) -> str:
    line = " ".join(quote.split())
    return line if len(line) <= QUOTE else f"{line[: QUOTE - 1].rstrip()}…"


# ---------------------------------------------------------------- HTML


def html(report: Report) -> str:
    """One page without scripts that loads nothing; numbers lead to the list of sources."""
    heads = ["Summary", *(section.question for section in report.sections), "Limits", "Sources"]
    contents = "".join(f'<li><a href="#part-{at}">{escape(head)}</a></li>' for at, head in enumerate(heads))
    body = [
        f'<h1>{escape(report.question)}</h1><p class="by">{escape(byline(report))}</p>',
        f"<nav><h2>Contents</h2><ol>{contents}</ol></nav>",
        _html_part(0, "Summary", _paragraphs(report.summary or "Nothing was found.")),
        *(_html_section(at, section) for at, section in enumerate(report.sections, start=1)),
        _html_part(
            len(heads) - 2, "Limits", f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in report.limits)}</ul>"
        ),
        _html_part(len(heads) - 1, "Sources", f"<ol>{''.join(_html_source(each) for each in report.citations)}</ol>"),
    ]
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(report.question)}</title>'
        f"<style>{STYLE}</style></head><body>{''.join(body)}</body></html>\n"
    )


def _html_part(at: int, head: str, body: str) -> str:
    return f'<section id="part-{at}"><h2>{escape(head)}</h2>{body}</section>'


def _html_section(at: int, section: Section) -> str:
    nearest = "".join(f"[{number}]" for number in section.nearest)
    body = _paragraphs(section.text) + (_paragraphs(f"Nearest: {nearest}") if nearest else "")
    notes = " ".join(note for note in (STANDINGS[section.standing], checked(section)) if note)
    return _html_part(at, section.question, body + (f'<p class="note">{escape(notes)}</p>' if notes else ""))


def _paragraphs(text: str) -> str:
    linked = _CITATION.sub(r'<a class="cite" href="#source-\1">[\1]</a>', escape(text))
    return "".join(f"<p>{part}</p>" for part in linked.split("\n\n") if part)


def _html_source(citation: Citation) -> str:
    quote = f'<span class="quote">“{escape(_short(citation.quote))}”</span>'
    return f'<li id="source-{citation.number}">{escape(source_line(citation))}<br>{quote}</li>'


def as_json(report: Report) -> str:
    """Every field of the report."""
    return json.dumps(to_json(report), ensure_ascii=False, indent=1) + "\n"


FORMATS: Mapping[str, Callable[[Report], str]] = {"markdown": markdown, "html": html, "json": as_json}
"""How a report can be written, by name."""
