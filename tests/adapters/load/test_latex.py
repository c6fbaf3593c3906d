from __future__ import annotations

from pathlib import Path

import pytest

from basicchat.adapters.load.latex import LatexLoader
from basicchat.core.types import LoadedDocument

LATEX = r"""\documentclass{article}
\title{On \emph{Ports}}
\author{Jos\'e Mu\~noz}
\begin{document}
\maketitle
\section{Tides}\label{sec:t}
The harbour~is open 50\% % not said
of $a_b$ \cite{lamport}.\footnote{A note.}
\begin{itemize}
\item[Quay] rope
\end{itemize}
\begin{tabular}{ll}
Place & Hour \\
\end{tabular}
\begin{verbatim}
\section{not a heading} % kept
\end{verbatim}
\subsection*{Deeper}
Stra{\ss}e --- \"Uber.
\end{document}
"""


def read(tmp_path: Path, text: str) -> LoadedDocument:
    (tmp_path / "source").write_text(text, encoding="utf-8")
    return next(LatexLoader().load(tmp_path / "source"))


def headings(loaded: LoadedDocument) -> list[tuple[int, str]]:
    return [(heading.level, heading.text) for page in loaded.pages for heading in page.headings]


def test_headings_and_words(tmp_path: Path) -> None:
    loaded = read(tmp_path, LATEX)
    text = loaded.pages[0].text
    assert loaded.title == "On Ports"
    assert headings(loaded) == [(1, "On Ports"), (2, "Tides"), (3, "Deeper")]
    for kept in ("José Muñoz", "The harbour is open 50%", "[lamport]. (A note.)", "- Quay: rope", "Place | Hour"):
        assert kept in text
    assert r"\section{not a heading} % kept" in text
    assert "Straße \u2014 Über." in text
    for gone in ("not said", "documentclass", "label", "begin{itemize}"):
        assert gone not in text


@pytest.mark.parametrize("formula", [r"$E = mc^2$", r"\[ \frac{a}{b} \]", "\\begin{align}\na &= b \\\\\n\\end{align}"])
def test_formulas_stay_as_they_are_written(tmp_path: Path, formula: str) -> None:
    assert formula in read(tmp_path, f"So {formula} holds.").pages[0].text
