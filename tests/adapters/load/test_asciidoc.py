from __future__ import annotations

from pathlib import Path

from basicchat.adapters.load.asciidoc import AsciidocLoader
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


def read(tmp_path: Path, text: str) -> LoadedDocument:
    (tmp_path / "source").write_text(text, encoding="utf-8")
    return next(AsciidocLoader().load(tmp_path / "source"))


def headings(loaded: LoadedDocument) -> list[tuple[int, str]]:
    return [(heading.level, heading.text) for page in loaded.pages for heading in page.headings]


def test_headings_tables_and_words(tmp_path: Path) -> None:
    loaded = read(tmp_path, ASCIIDOC)
    text = loaded.pages[0].text
    assert loaded.title == "Ports of call"
    assert headings(loaded) == [(1, "Ports of call"), (2, "Tides")]
    for kept in ("Anna", "NOTE", "The harbour is open (http://x.y).", "Times\n", "| Place | Hour |", "| Mouth |"):
        assert kept in text
    assert "```\n== not a heading\n```" in text
    assert "The map" in text
    assert "not said" not in text
    assert "|===" not in text
