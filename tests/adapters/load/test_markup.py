"""AsciiDoc, reStructuredText and LaTeX: headings are found, words are kept, marks go."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.adapters.load.asciidoc import AsciidocLoader
from basicchat.adapters.load.latex import LatexLoader
from basicchat.adapters.load.rst import RstLoader
from basicchat.core.types import LoadedDocument

ASCIIDOC = """= Ports of call
:author: Anna

[NOTE]
The *harbour* is link:http://x.y[open].

// not said
Tides
-----
.Times
[cols="1,1"]
|===
|Place |Hour
2+|Mouth
|Quay
|9
|===

----
== not a heading
----

image::map.png[The map, width=20]
"""

RST = """=====
Ports
=====

.. note:: Mind the *tide*.
   :class: wide

Tides
=====

See :ref:`the quay <quay>` and `the list <http://x.y>`_ with ``rope``::

    Not a heading
    -------------

Deeper
------

.. image:: map.png
   :alt: The map
   :width: 20

====== =====
Place  Hour
====== =====
Quay   9
====== =====
"""

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


def read(tmp_path: Path, loader: AsciidocLoader | RstLoader | LatexLoader, text: str) -> LoadedDocument:
    (tmp_path / "source").write_text(text, encoding="utf-8")
    return next(loader.load(tmp_path / "source"))


def headings(loaded: LoadedDocument) -> list[tuple[int, str]]:
    return [(heading.level, heading.text) for page in loaded.pages for heading in page.headings]


def test_asciidoc(tmp_path: Path) -> None:
    loaded = read(tmp_path, AsciidocLoader(), ASCIIDOC)
    text = loaded.pages[0].text
    assert loaded.title == "Ports of call"
    assert headings(loaded) == [(1, "Ports of call"), (2, "Tides")]
    for kept in ("Anna", "NOTE", "The harbour is open (http://x.y).", "Times\n", "| Place | Hour |", "| Mouth |"):
        assert kept in text
    assert "```\n== not a heading\n```" in text
    assert "The map" in text
    assert "not said" not in text
    assert "|===" not in text


def test_restructured_text(tmp_path: Path) -> None:
    loaded = read(tmp_path, RstLoader(), RST)
    text = loaded.pages[0].text
    assert loaded.title == "Ports"
    assert headings(loaded) == [(1, "Ports"), (2, "Tides"), (3, "Deeper")]
    for kept in ("Note: Mind the tide.", "the quay <quay>", "the list (http://x.y)", "`rope`:", "    Not a heading"):
        assert kept in text
    assert "The map" in text
    assert "Quay   9" in text
    assert "width" not in text


def test_restructured_text_carries_nothing_out(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    text = f".. include:: {tmp_path}/secret.txt\n\n.. raw:: html\n   :file: {tmp_path}/secret.txt\n\nwords"
    assert "secret\n" not in read(tmp_path, RstLoader(), text).pages[0].text + "\n"


def test_latex(tmp_path: Path) -> None:
    loaded = read(tmp_path, LatexLoader(), LATEX)
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
    assert formula in read(tmp_path, LatexLoader(), f"So {formula} holds.").pages[0].text


@pytest.mark.parametrize("loader", [AsciidocLoader(), RstLoader(), LatexLoader()])
@pytest.mark.parametrize("text", ["====\n", "|===\n|a", "%", "\\begin{x}", ".. \n", "[]", "----"])
def test_marks_alone_are_words_too(tmp_path: Path, loader: AsciidocLoader | RstLoader | LatexLoader, text: str) -> None:
    assert read(tmp_path, loader, text).pages[0].text


@given(st.lists(st.text(alphabet="ab\n=-~|*_`:.[]{}\\%$#<> ", max_size=30), max_size=12))
def test_no_word_of_plain_lines_is_lost(tmp_path_factory: pytest.TempPathFactory, noise: list[str]) -> None:
    folder = tmp_path_factory.getbasetemp()
    text = "\n\n".join(["First paragraph", *noise]) + "\n\n"
    for loader in (AsciidocLoader(), RstLoader(), LatexLoader()):
        assert "First paragraph" in read(folder, loader, text).pages[0].text
