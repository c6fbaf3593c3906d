"""Makes the sample document that an empty library offers: ``python scripts/sample_document.py``."""

from __future__ import annotations

from pathlib import Path

from reportlab.lib.enums import TA_LEFT  # type: ignore[import-untyped]
from reportlab.lib.pagesizes import A5  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]
from reportlab.lib.units import mm  # type: ignore[import-untyped]
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate  # type: ignore[import-untyped]

TARGET = Path(__file__).resolve().parents[1] / "basicchat" / "ui" / "assets" / "basicchat-guide.pdf"

PAGES = (
    (
        "A short guide to BasicChat",
        "BasicChat answers questions about your documents. It runs on your own machine, and every answer shows the "
        "page it comes from, so that you can check it.",
        "Add documents by dropping them into the page: PDF, Word, slides, sheets, web pages, mail, notes, pictures, "
        "or a zip file of these. Many files may come at once, and a file that cannot be read does not stop the "
        "others.",
        "Adding the same file twice changes nothing. When you delete a document from the library, its text, its "
        "passages and the kept copy are deleted with it.",
    ),
    (
        "How an answer is made",
        "First, BasicChat looks for the passages that fit your question, in two ways at once: by meaning and by the "
        "words themselves. The two lists are joined, and the best passages are put in order again by a second model.",
        "Then a language model writes an answer from these passages alone. The small numbers in the answer are "
        "citations. Press one, and the page opens with the passage highlighted.",
        "When the documents do not say, BasicChat tells you so instead of guessing, and shows the three passages that "
        "came nearest. You may then ask the model without your documents.",
        "While no language model is installed yet, answers are quotes: the best sentences of your documents, word for "
        "word.",
    ),
    (
        "Privacy",
        "Nothing leaves this machine. Documents, questions and answers are kept in one folder in your home directory, "
        "and no statistics are sent to anyone.",
        "The only thing that is ever fetched is a model file, once, from a package registry or a model hub. Its "
        "checksum is compared with a list that came with the program before it is used. Turn fetching off in the "
        "settings and BasicChat never opens a connection to the outside.",
        "The page can only be opened from this machine. To take everything with you, copy the folder; to forget "
        "everything, delete it.",
    ),
)


def main() -> None:
    """Write the sample, the same bytes every time."""
    title = ParagraphStyle("title", fontName="Times-Roman", fontSize=20, leading=25, spaceAfter=6 * mm)
    body = ParagraphStyle(
        "body", fontName="Times-Roman", fontSize=11.5, leading=17, spaceAfter=4 * mm, alignment=TA_LEFT
    )
    story = []
    for number, (heading, *paragraphs) in enumerate(PAGES):
        if number:
            story.append(PageBreak())
        story.append(Paragraph(heading, title))
        story += [Paragraph(paragraph, body) for paragraph in paragraphs]
    document = SimpleDocTemplate(
        str(TARGET),
        pagesize=A5,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=18 * mm,
        bottomMargin=18 * mm,
        title="A short guide to BasicChat",
        author="The BasicChat authors",
        invariant=1,
    )
    document.build(story)
    print(f"wrote {TARGET} ({TARGET.stat().st_size:,} bytes)")


if __name__ == "__main__":
    main()
