"""One HTML page about runs. It holds no script and loads nothing; all text of sets and answers is escaped."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape

from basicchat.evaluate.confidence import risk_coverage
from basicchat.evaluate.plots import Bar, bars, colour, curves
from basicchat.evaluate.rows import Row, measures
from basicchat.evaluate.summary import Figure, certainty, confident, summarise, times

Run = tuple[str, Sequence[Row]]
"""The name of a run, and its rows."""

SHOWN = 400  # characters of an answer
FINDING = ("hit@1", "hit@5", "hit@10", "hit@20", "recall@5", "all@5", "ndcg@10", "mrr@10")
ANSWERING = ("right", "contains", "f1", "exact", "wrong", "answered", "declined", "balanced", "trapped")
GROUPS = (("Finding", FINDING), ("Answering", ANSWERING))
DEEPEST = 20
OVERRIDES = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""Characters that turn the direction of text."""

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#222;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%;margin:1rem 0}
th,td{border-bottom:1px solid #ddd;padding:.3rem .6rem;text-align:right;vertical-align:top}
th:first-child,td:first-child,.text td{text-align:left;overflow-wrap:anywhere}
svg{width:100%;height:auto;font:12px system-ui,sans-serif}
.key{display:inline-block;width:.8em;height:.8em;margin-right:.3em}
small{color:#555}
"""


def render(runs: Sequence[Run], *, worst: int = 30) -> str:
    """The page: figures with 95 % intervals, plots, and the ``worst`` questions of every run."""
    summaries = [summarise(rows) for _, rows in runs]
    body = [
        "<h1>Evaluation</h1>",
        _key(runs),
        *(_group(title, names, runs, summaries) for title, names in GROUPS),
        _ranks(runs),
        _certainty(runs),
        _times(runs),
        *(_worst(name, rows, worst) for name, rows in runs if worst),
    ]
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Evaluation</title>'
        f"<style>{STYLE}</style></head><body>{''.join(body)}</body></html>\n"
    )


def _key(runs: Sequence[Run]) -> str:
    items = "".join(
        f'<li><span class="key" style="background:{colour(number)}"></span>{_clean(name)}: {len(rows)} questions</li>'
        for number, (name, rows) in enumerate(runs)
    )
    return f"<ul>{items}</ul><p><small>Intervals hold 95 of 100 resamples of the questions.</small></p>"


def _group(title: str, names: Sequence[str], runs: Sequence[Run], summaries: Sequence[Sequence[Figure]]) -> str:
    """A table and bars of one group of measures, nothing where no run has them."""
    found = [[figure for name in names for figure in each if figure.name == name] for each in summaries]
    present = [name for name in names if any(figure.name == name for each in found for figure in each)]
    if not present:
        return ""
    rows = [
        [name, *(_figure(next((figure for figure in each if figure.name == name), None)) for each in found)]
        for name in present
    ]
    drawn = [[Bar(figure.name, figure.value, figure.low, figure.high) for figure in each] for each in found]
    plot = bars(present, drawn, title=title)
    return f"<h2>{escape(title)}</h2>{_table(['measure', *(name for name, _ in runs)], rows)}{plot}"


def _figure(figure: Figure | None) -> str:
    if figure is None:
        return ""
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f}; {figure.count})"


def _ranks(runs: Sequence[Run]) -> str:
    """The share of questions whose first gold passage stands at a rank or before it."""
    lines = []
    for _, rows in runs:
        best = [min((rank for rank in row.ranks if rank), default=0) for row in rows if row.gold]
        lines.append(
            [(rank / DEEPEST, sum(0 < each <= rank for each in best) / len(best)) for rank in range(1, DEEPEST + 1)]
            if best
            else []
        )
    across = f"rank, as a share of the first {DEEPEST}"
    plot = curves(lines, title="Questions by the rank of their first gold passage", across=across, up="questions")
    return f"<h2>How deep one has to look</h2>{plot}" if plot else ""


def _certainty(runs: Sequence[Run]) -> str:
    lines = []
    table = []
    for name, rows in runs:
        _, scores, right = confident(rows)
        lines.append([(point.coverage, point.risk) for point in risk_coverage(scores, right)])
        sure = certainty(rows)
        if sure is not None:
            figures = (sure.calibration_error, sure.risk_coverage_area)
            table.append([name, sure.of, str(sure.count), *(f"{figure:.3f}" for figure in figures)])
    plot = curves(lines, title="Risk by coverage", across="share answered, surest first", up="share wrong")
    header = ["run", "right means", "questions", "calibration error", "risk-coverage area"]
    return f"<h2>Confidence</h2>{_table(header, table)}{plot}" if plot else ""


def _times(runs: Sequence[Run]) -> str:
    rows = [[name, *(str(value) for value in times(each).values())] for name, each in runs]
    return f"<h2>Seconds a question</h2>{_table(['run', 'median', '95th percentile'], rows)}"


def badness(row: Row) -> float:
    """How badly a question went, 0 to 1: the mean over its measures of what is missing, counting wrong and trapped."""
    found = measures(row)
    lost = [value if name in ("wrong", "trapped") else 1 - value for name, value in found.items()]
    return sum(lost) / len(lost) if lost else 0.0


def _worst(name: str, rows: Sequence[Row], worst: int) -> str:
    bad = sorted((row for row in rows if badness(row) > 0), key=lambda row: (-badness(row), row.id))[:worst]
    if not bad:
        return ""
    lines = [
        [
            row.question,
            ", ".join(f"{gold} ({rank or 'not found'})" for gold, rank in zip(row.gold, row.ranks, strict=True)),
            " / ".join(part[0] for part in row.answers if part) if row.answerable else "nothing: not answerable",
            "" if row.answer is None else ("refused: " if row.refused else "") + row.answer[:SHOWN],
        ]
        for row in bad
    ]
    header = ["question", "gold (rank)", "expected", "answered"]
    return f"<h2>Went worst: {_clean(name)}</h2>{_table(header, lines, kind='text')}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], *, kind: str = "figures") -> str:
    head = "".join(f'<th scope="col">{_clean(cell)}</th>' for cell in header)
    body = "".join(f"<tr>{''.join(f'<td>{_clean(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _clean(text: str) -> str:
    """The text for HTML: escaped, without control characters, lone surrogates and overrides of direction."""
    return escape("".join("\ufffd" if _is_unsafe(char) else char for char in text))


def _is_unsafe(char: str) -> bool:
    return char not in "\n\t" and (unicodedata.category(char) in ("Cc", "Cs") or char in OVERRIDES)
