"""Deep research from the command line."""

from __future__ import annotations

from pathlib import Path

QUESTION = "When does the ferry to Oban leave?"


def begun(filled) -> str:
    return filled("research", "start", QUESTION, "--part", QUESTION, "--json").document["id"]


def test_a_report_is_made_listed_and_shown(filled) -> None:
    ran = filled("research", "start", QUESTION, "--part", QUESTION)
    assert ran.code == 0
    assert "## Sources" in ran.out
    (study,) = filled("research", "list", "--json").document["research"]
    assert (study["question"], study["state"], study["plan"]) == (QUESTION, "done", [QUESTION])
    shown = filled("research", "show", study["id"][:8])
    assert "Look for" in shown.out


def test_it_is_exported_by_the_ending_of_the_file(filled, tmp_path: Path) -> None:
    study = begun(filled)
    for name, head in (("a.md", "# When"), ("a.html", "<!doctype"), ("a.json", "{")):
        assert filled("research", "export", study, "--to", tmp_path / name).code == 0
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(head)
    assert filled("research", "export", study, "--to", tmp_path / "a.docx").code == 2
    assert filled("research", "export", study).out.startswith("# When")


def test_what_ended_stays_as_it_is_and_is_forgotten(filled) -> None:
    study = begun(filled)
    assert filled("research", "pause", study).code == 0
    assert filled("research", "cancel", study).code == 0
    assert filled("research", "resume", study).code == 0
    assert filled("research", "forget", study).code == 0
    assert filled("research", "show", study).code == 2
    assert "Nothing" in filled("research", "list").err


def test_an_empty_question_is_refused(filled) -> None:
    assert filled("research", "start", " ").code == 2
