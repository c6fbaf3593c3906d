from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from basicchat.adapters.load.epub import EpubLoader
from basicchat.core.errors import UnreadableDocument

CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><dc:title>Ports of call</dc:title><dc:creator>Anna</dc:creator></metadata>
<manifest><item id="toc" href="toc.ncx"/>
<item id="two" href="text/two%20b.xhtml"/><item id="one" href="text/one.xhtml"/>
<item id="gone" href="gone.xhtml"/><item id="out" href="../../../etc/passwd"/></manifest>
<spine toc="toc"><itemref idref="one"/><itemref idref="two"/><itemref idref="gone"/><itemref idref="out"/></spine>
</package>"""
CONTENTS = """<!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://www.daisy.org/z3986/2005/ncx-2005-1.dtd">
<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>
<navPoint><navLabel><text>The first day</text></navLabel><content src="text/one.xhtml#a"/></navPoint></navMap></ncx>"""
BOOK = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": CONTAINER,
    "OPS/book.opf": PACKAGE,
    "OPS/toc.ncx": CONTENTS,
    "OPS/text/one.xhtml": '<?xml version="1.0"?><html><body><h1>One</h1><p>The harbour.</p></body></html>',
    "OPS/text/two b.xhtml": "<html><head><title>Second</title></head><body><p>Ships.</p></body></html>",
}
NAVIGATION = {
    "OPS/book.opf": PACKAGE.replace("toc.ncx", "nav.xhtml").replace('id="toc"', 'id="n" properties="nav"'),
    "OPS/nav.xhtml": '<html><nav><a href="text/one.xhtml">The <b>first</b> day</a></nav></html>',
}


def write(tmp_path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(tmp_path / "a.epub", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return tmp_path / "a.epub"


@pytest.mark.parametrize("changes", [{}, NAVIGATION])
def test_chapters_are_pages_in_reading_order_called_by_their_titles(tmp_path: Path, changes: dict[str, str]) -> None:
    loaded = next(EpubLoader().load(write(tmp_path, BOOK | changes)))
    assert loaded.title == "Ports of call"
    assert loaded.metadata["author"] == "Anna"
    assert [(page.number, page.label, page.text) for page in loaded.pages] == [
        (1, "The first day", "# One\n\nThe harbour."),
        (2, "Second", "Ships."),
    ]
    assert loaded.warnings == ("2 chapters are missing from the book.",)


def test_a_long_chapter_is_in_parts(tmp_path: Path) -> None:
    long = "<h1>One</h1>" + "<p>The harbour is open today.</p>" * 3_000
    pages = next(EpubLoader().load(write(tmp_path, BOOK | {"OPS/text/one.xhtml": long}))).pages
    assert [page.label for page in pages][:2] == ["The first day, part 1", "The first day, part 2"]
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"META-INF/container.xml": "<container/>"}, "damaged"),
        ({"META-INF/container.xml": "<container>"}, "damaged"),
        ({"META-INF/container.xml": '<!DOCTYPE a [<!ENTITY b "c">]><container>&b;</container>'}, "entities"),
        ({"OPS/text/one.xhtml": "", "OPS/text/two b.xhtml": ""}, "no text"),
        ({"OPS/text/one.xhtml": " " * (65 * 2**20)}, "safe"),
        (
            {
                "META-INF/encryption.xml": '<e><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></e>'
            },
            "copy-protected",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, changes: dict[str, str], match: str) -> None:
    with pytest.raises(UnreadableDocument, match=match):
        list(EpubLoader().load(write(tmp_path, BOOK | changes)))


def test_hidden_fonts_are_no_protection(tmp_path: Path) -> None:
    fonts = '<e><EncryptionMethod Algorithm="http://www.idpf.org/2008/embedding"/></e>'
    assert next(EpubLoader().load(write(tmp_path, BOOK | {"META-INF/encryption.xml": fonts}))).pages
