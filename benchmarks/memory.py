"""Take a thousand files in twice: what the program that owns the library holds after each time.

    python -m benchmarks.memory            a thousand files, an embedder that needs no model
    python -m benchmarks.memory 150 real   fewer files, the default embedder

The second time every file has changed, so that all of it is read, embedded and written again; the third time none has.
"""

from __future__ import annotations

import gc
import random
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from basicchat import bootstrap
from basicchat.settings import JobSettings, Settings, load
from benchmarks.table import print_table, scratch_settings

FILES = 1_000
KINDS = ("txt", "md", "html", "csv", "json", "py", "docx", "pdf")
MEGABYTE = 2**20
SETTLE_SECONDS = 2.0


def text(seed: int, paragraphs: int) -> list[str]:
    """Paragraphs of some sixty words."""
    chance = random.Random(seed)  # noqa: S311 - text to search, the same in each run
    return [
        " ".join(f"{chance.choice('bdfglmnprst')}{chance.choice('aeiou')}{chance.randrange(400)}" for _ in range(60))
        for _ in range(paragraphs)
    ]


def write(folder: Path, files: int, edition: int) -> None:
    """The files in their first or second edition: other words, the same names."""
    folder.mkdir(exist_ok=True)
    for number in range(files):
        kind = KINDS[number % len(KINDS)]
        _write(folder / f"{number:04}.{kind}", kind, text(edition * files + number, paragraphs=3 + number % 5))


def _write(path: Path, kind: str, paragraphs: list[str]) -> None:
    if kind == "html":
        path.write_text("<html><body>" + "".join(f"<p>{each}</p>" for each in paragraphs) + "</body></html>")
    elif kind == "csv":
        path.write_text("name,words\n" + "".join(f"{place},{each}\n" for place, each in enumerate(paragraphs)))
    elif kind == "json":
        path.write_text('{"notes": ["' + '", "'.join(paragraphs) + '"]}')
    elif kind == "py":
        path.write_text("\n\n".join(f'def part_{n}():\n    """{each}"""' for n, each in enumerate(paragraphs)))
    elif kind == "docx":
        _write_word(path, paragraphs)
    elif kind == "pdf":
        _write_pdf(path, paragraphs)
    else:
        path.write_text("\n\n".join(paragraphs))


def _write_word(path: Path, paragraphs: list[str]) -> None:
    body = "".join(f"<w:p><w:r><w:t>{each}</w:t></w:r></w:p>" for each in paragraphs)
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    kinds = "http://schemas.openxmlformats.org/package/2006/content-types"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    links = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{kinds}"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        )
        package.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{links}"><Relationship Id="r1" Type="{office}" Target="word/document.xml"/>'
            "</Relationships>",
        )
        package.writestr("word/document.xml", f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>')


def _write_pdf(path: Path, paragraphs: list[str]) -> None:
    from reportlab.pdfgen import canvas  # type: ignore[import-untyped]

    page = canvas.Canvas(str(path))
    for paragraph in paragraphs:
        words = paragraph.split()
        for line in range(0, len(words), 10):
            page.drawString(50, 780 - 2 * line * 5, " ".join(words[line : line + 10]))
        page.showPage()
    page.save()


def held(settle: float = SETTLE_SECONDS) -> float:
    """Megabytes in memory of this process alone, the readers not counted, once garbage is gone."""
    gc.collect()
    time.sleep(settle)
    return float(psutil.Process().memory_info().rss) / MEGABYTE


@contextmanager
def chosen(real: bool) -> Iterator[Settings]:
    """A home of its own, durable jobs, isolated readers; the default embedder if ``real``."""
    with scratch_settings() as everyday:
        profile = everyday if real else load(home=everyday.home, profile="fake")
        jobs = JobSettings(engine="durable")
        ingest = profile.ingest.model_copy(update={"isolation": True})
        yield profile.model_copy(update={"jobs": jobs, "ingest": ingest})


def main() -> None:
    """Take in, change, take in, take in; print the table."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else FILES
    real = sys.argv[2:] == ["real"]
    rows: list[tuple[object, ...]] = []
    with chosen(real) as settings, tempfile.TemporaryDirectory() as scratch:
        papers = Path(scratch, "papers")
        with bootstrap.open_assistant(settings) as assistant:
            assistant.search("warm")
            rows.append(("before", 0, 0, held(), "", ""))
            for label, edition in (("first", 0), ("second, all changed", 1), ("third, none changed", 1)):
                if not label.startswith("third"):
                    write(papers, files, edition)
                started = time.monotonic()
                job = assistant.jobs.wait(assistant.library.submit([papers]).id)
                took = time.monotonic() - started
                documents = assistant.library.documents()
                chunks = sum(document.chunk_count for document in documents)
                counts = ", ".join(f"{n} {status}" for status, n in job.result.items()) if job.result else job.error
                first = rows[1][3] if len(rows) > 1 else None
                now = held()
                change = f"{(now / first - 1) * 100:+.1f} %" if isinstance(first, float) else ""
                rows.append((f"{label}: {counts}", len(documents), chunks, now, change, took))
                print(rows[-1], file=sys.stderr, flush=True)
    print_table(
        f"What the owner of the library holds, {'bge-small int8' if real else 'hashing embedder'}",
        ("time", "documents", "passages", "resident MB", "against first", "s"),
        rows,
    )


if __name__ == "__main__":
    main()
