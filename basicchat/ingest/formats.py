"""The formats there are: a media type, the endings of its files, the first of them for kept originals."""

from __future__ import annotations

from pathlib import PurePath

from basicchat.core.languages import SOURCE_ENDINGS, language_of

_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"

PDF = "application/pdf"
DOCX = f"{_OOXML}.wordprocessingml.document"
PPTX = f"{_OOXML}.presentationml.presentation"
XLSX = f"{_OOXML}.spreadsheetml.sheet"
DOC = "application/msword"
PPT = "application/vnd.ms-powerpoint"
XLS = "application/vnd.ms-excel"
ODT, ODS, ODP = f"{_ODF}.text", f"{_ODF}.spreadsheet", f"{_ODF}.presentation"
RTF = "application/rtf"
CSV = "text/csv"
HTML = "text/html"
MHTML = "multipart/related"
MARKDOWN = "text/markdown"
RST = "text/x-rst"
ASCIIDOC = "text/asciidoc"
TEX = "text/x-tex"
TEXT = "text/plain"
SUBTITLES = "text/vtt"
EPUB = "application/epub+zip"
MAIL = "message/rfc822"
OUTLOOK = "application/vnd.ms-outlook"
MBOX = "application/mbox"
NOTEBOOK = "application/x-ipynb+json"
SOURCE = "text/x-source"
JSON = "application/json"
RECORDS = "application/jsonl"
XML = "application/xml"
PNG, JPEG, TIFF, WEBP = "image/png", "image/jpeg", "image/tiff", "image/webp"
GIF, BMP = "image/gif", "image/bmp"
WAV, MP3, M4A, FLAC, OGG = "audio/wav", "audio/mpeg", "audio/mp4", "audio/flac", "audio/ogg"
ZIP = "application/zip"

ENDINGS: dict[str, tuple[str, ...]] = {
    PDF: (".pdf",),
    DOCX: (".docx", ".docm", ".dotx", ".dotm"),
    PPTX: (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm"),
    XLSX: (".xlsx", ".xlsm", ".xltx", ".xltm"),
    DOC: (".doc", ".dot"),
    PPT: (".ppt", ".pps", ".pot"),
    XLS: (".xls", ".xlt"),
    ODT: (".odt", ".ott"),
    ODS: (".ods", ".ots"),
    ODP: (".odp", ".otp"),
    RTF: (".rtf",),
    CSV: (".csv", ".tsv", ".tab"),
    HTML: (".html", ".htm", ".xhtml"),
    MHTML: (".mhtml", ".mht"),
    MARKDOWN: (".md", ".markdown", ".mdown", ".mkd", ".qmd", ".rmd", ".mdx"),
    RST: (".rst", ".rest"),
    ASCIIDOC: (".adoc", ".asciidoc", ".asc"),
    TEX: (".tex", ".latex", ".ltx"),
    TEXT: (".txt", ".text", ".log", ".org"),
    SUBTITLES: (".vtt", ".srt"),
    EPUB: (".epub",),
    MAIL: (".eml",),
    OUTLOOK: (".msg", ".oft"),
    MBOX: (".mbox", ".mbx"),
    NOTEBOOK: (".ipynb",),
    SOURCE: (".source", *SOURCE_ENDINGS),
    JSON: (".json", ".geojson", ".webmanifest"),
    RECORDS: (".jsonl", ".ndjson"),
    XML: (".xml", ".nxml", ".xsd", ".xsl", ".xslt", ".svg", ".rss", ".atom", ".opml", ".dbk"),
    PNG: (".png",),
    JPEG: (".jpg", ".jpeg", ".jpe"),
    TIFF: (".tif", ".tiff"),
    WEBP: (".webp",),
    GIF: (".gif",),
    BMP: (".bmp", ".dib"),
    WAV: (".wav",),
    MP3: (".mp3",),
    M4A: (".m4a", ".m4b", ".mp4", ".aac"),
    FLAC: (".flac",),
    OGG: (".ogg", ".oga", ".opus"),
    ZIP: (".zip",),
}
"""Every media type that can be told, with the endings that name it where the content does not."""

NAMES = {
    PDF: "PDF",
    DOCX: "Word",
    PPTX: "PowerPoint",
    XLSX: "Excel",
    DOC: "Word before 2007",
    PPT: "PowerPoint before 2007",
    XLS: "Excel before 2007",
    ODT: "OpenDocument text",
    ODS: "OpenDocument spreadsheet",
    ODP: "OpenDocument presentation",
    RTF: "Rich Text",
    CSV: "CSV, TSV",
    HTML: "Web page",
    MHTML: "Saved web page",
    MARKDOWN: "Markdown",
    RST: "reStructuredText",
    ASCIIDOC: "AsciiDoc",
    TEX: "LaTeX",
    TEXT: "Plain text",
    SUBTITLES: "Subtitles",
    EPUB: "EPUB",
    MAIL: "Mail",
    OUTLOOK: "Outlook message",
    MBOX: "Mailbox",
    NOTEBOOK: "Jupyter notebook",
    SOURCE: "Source code",
    JSON: "JSON",
    RECORDS: "Records (JSON Lines)",
    XML: "XML",
    PNG: "PNG",
    JPEG: "JPEG",
    TIFF: "TIFF",
    WEBP: "WebP",
    GIF: "GIF",
    BMP: "BMP",
    WAV: "WAV",
    MP3: "MP3",
    M4A: "AAC in MPEG-4",
    FLAC: "FLAC",
    OGG: "Ogg",
    ZIP: "Zip archive",
}
"""What people call each media type."""

TEXTUAL = frozenset(
    {CSV, HTML, MHTML, MARKDOWN, RST, ASCIIDOC, TEX, TEXT, SUBTITLES, MAIL, MBOX, NOTEBOOK, SOURCE, JSON, RECORDS, XML}
)
"""What is text inside."""

ZIPPED = frozenset({DOCX, PPTX, XLSX, ODT, ODS, ODP, EPUB, ZIP})
"""What is a zip inside."""

CARRIERS = frozenset({MAIL, OUTLOOK, MBOX})
"""What is a document and may carry other files."""

_BY_ENDING = {ending: kind for kind, endings in ENDINGS.items() for ending in endings}


def suffix_of(media_type: str) -> str:
    """The ending a kept original gets, so that other programs know what it is."""
    return ENDINGS[media_type][0] if media_type in ENDINGS else ".bin"


def by_name(name: str) -> str | None:
    """The media type that a name promises, None where it promises none."""
    lower = name.lower()
    if lower.endswith((".jsonl.gz", ".ndjson.gz")):
        return RECORDS
    return SOURCE if language_of(lower) else _BY_ENDING.get(PurePath(lower).suffix)
