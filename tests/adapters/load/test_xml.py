from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from basicchat.adapters.load.xml import XmlLoader
from basicchat.core.errors import UnreadableDocument

ARTICLE = """<?xml version="1.0"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Archiving v1.2//EN" "archive.dtd">
<article xmlns:xlink="http://www.w3.org/1999/xlink">
  <front><article-title>Tides in <italic>ports</italic></article-title></front>
  <body>
    <sec id="s1"><title>Methods</title>
      <p>The harbour&nbsp;is <bold>open</bold>.<!-- not said --></p>
      <sec><title>Tools</title><p>Rope.</p></sec>
      <table-wrap><table><tr><th>Place</th><th>Hour</th></tr><tr><td>Quay</td><td>9</td></tr></table></table-wrap>
    </sec>
  </body>
</article>"""


def read(tmp_path: Path, text: str | bytes, name: str = "a.xml"):
    (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return next(XmlLoader().load(tmp_path / name))


def test_documents_have_headings_paragraphs_and_tables(tmp_path: Path) -> None:
    loaded = read(tmp_path, ARTICLE)
    (page,) = loaded.pages
    assert loaded.title == "Tides in ports"
    assert [(heading.level, heading.text) for heading in page.headings] == [
        (1, "Tides in ports"),
        (1, "Methods"),
        (2, "Tools"),
    ]
    for kept in ("The harbour is open.", "Rope.", "| Place | Hour |\n| Quay | 9 |"):
        assert kept in page.text
    assert "not said" not in page.text


def test_data_is_told_with_its_names(tmp_path: Path) -> None:
    loaded = read(tmp_path, '<ships port="Quay"><ship id="1"><name>Vasa</name><built year="1628"/></ship></ships>')
    assert loaded.pages[0].text == "ships (port: Quay)\nname: Vasa\nbuilt (year: 1628)"
    assert loaded.title == "a"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><a>Häfen</a>'
    assert read(tmp_path, text.encode(encoding)).pages[0].text == "a: Häfen"


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "entities"),
        ('<!DOCTYPE a [<!ENTITY % b "c">]><a/>', "entities"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "entities"),
        ('<!DOCTYPE a SYSTEM "http://example.com/a.dtd"><a/>', "elsewhere"),
        ('<a xmlns:x="http://www.w3.org/1999/XSL/Transform"/>'.replace("<a", "<x:stylesheet"), "program"),
        ("<a>" * 2_000 + "deep" + "</a>" * 2_000, "nested"),
        ("<a><b></a>", "damaged"),
        ("<a>&unknown;</a>", "damaged"),
        ("", "damaged"),
    ],
)
def test_hostile_and_damaged_files_are_refused(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(UnreadableDocument, match=match):
        read(tmp_path, text)


def test_pictures_may_have_names(tmp_path: Path) -> None:
    text = '<!DOCTYPE a SYSTEM "us-patent-grant-v45.dtd" [<!ENTITY p SYSTEM "p.tif" NDATA TIF>]><a>words</a>'
    assert read(tmp_path, text).pages[0].text == "a: words"


@pytest.mark.evals
def test_every_bomb_is_refused_and_memory_stays_flat(evals: Path) -> None:
    refused, read_well = set(), set()
    tracemalloc.start()
    for path in sorted((evals / "xml-bombs").glob("*.x*")):
        try:
            list(XmlLoader().load(path))
            read_well.add(path.name)
        except UnreadableDocument:
            refused.add(path.name)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert read_well == {"simple.xml", "simple-ns.xml"}
    assert len(refused) == 9
    assert peak < 8 * 2**20
