from __future__ import annotations

from pathlib import Path

from basicchat.adapters.load.rst import RstLoader
from basicchat.core.types import LoadedDocument

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


def read(tmp_path: Path, text: str) -> LoadedDocument:
    (tmp_path / "source").write_text(text, encoding="utf-8")
    return next(RstLoader().load(tmp_path / "source"))


def headings(loaded: LoadedDocument) -> list[tuple[int, str]]:
    return [(heading.level, heading.text) for page in loaded.pages for heading in page.headings]


def test_headings_and_words(tmp_path: Path) -> None:
    loaded = read(tmp_path, RST)
    text = loaded.pages[0].text
    assert loaded.title == "Ports"
    assert headings(loaded) == [(1, "Ports"), (2, "Tides"), (3, "Deeper")]
    for kept in ("Note: Mind the tide.", "the quay <quay>", "the list (http://x.y)", "`rope`:", "    Not a heading"):
        assert kept in text
    assert "The map" in text
    assert "Quay   9" in text
    assert "width" not in text


def test_nothing_is_carried_out(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    text = f".. include:: {tmp_path}/secret.txt\n\n.. raw:: html\n   :file: {tmp_path}/secret.txt\n\nwords"
    assert "secret\n" not in read(tmp_path, text).pages[0].text + "\n"
