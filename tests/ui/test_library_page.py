"""The Library page and the page of one document, over the fake profile: no model, no network, no browser."""

import threading
from dataclasses import replace

import pytest
from pypdf import PdfWriter
from streamlit.testing.v1 import AppTest

from basicchat.core.types import FileStatus, JobState
from basicchat.settings import load
from basicchat.ui import state
from basicchat.ui.components.tables import columns_of
from basicchat.ui.places import OpenSource, Place

ATTACK = "<script>alert(1)</script> [x](http://evil.example) ![y](http://evil.example/p.png)"
PATIENCE = 60


@pytest.fixture
def assistant(tmp_path):
    state.use(load(home=tmp_path / "home", profile="fake"))
    yield state.assistant()
    state.close()


@pytest.fixture
def shelf(assistant, tmp_path):
    """Ten notes, each a document, in files whose names are their titles; gives the entries by title."""
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in ("Harbour", "Lighthouse", *(f"Minutes {number}" for number in range(8))):
        (folder / f"{name}.md").write_text(f"# {name}\n\nThe {name} opens at six in the morning.\n", encoding="utf-8")
    assistant.ingest([folder])
    return {entry.document.title: entry for entry in assistant.curation.entries()}


def page(name: str = "library", **address: str) -> AppTest:
    def script(name: str) -> None:
        from basicchat.ui.pages import navigation

        navigation(name).run()

    at = AppTest.from_function(script, args=(name,), default_timeout=PATIENCE)
    for key, value in address.items():
        at.query_params[key] = value
    return at


def document_page(entry, **address: str) -> AppTest:
    return page("document", document=entry.document.id, **address)


def words(at: AppTest) -> str:
    parts = [*at.markdown, *at.caption, *at.text]
    return "\n".join([*(part.value for part in parts), *(part.label for part in at.button)])


def rows(at: AppTest) -> list[str]:
    return list(at.dataframe[-1].value["Name"]) if at.dataframe else []


def tick(at: AppTest, *entries) -> AppTest:
    at.session_state["ticked"] = {(entry.document.id, entry.source) for entry in entries}
    return at.run()


def take_in(assistant, *uploads: tuple[str, bytes]) -> str:
    job = assistant.library.submit_uploads(uploads)
    assistant.jobs.wait(job.id, PATIENCE)
    return job.id


def has(at: AppTest, key: str) -> bool:
    return any(str(button.key).startswith(key) for button in at.button)


# ---------------------------------------------------------------- finding


def test_filters_narrow_the_table_and_can_be_cleared(shelf, assistant):
    assistant.curation.tag([shelf["Harbour"].document.id], ["sea"])
    at = page().run()
    assert len(rows(at)) == 10
    at.text_input(key="find-document").set_value("minutes 3.md").run()
    assert rows(at) == ["Minutes 3"]
    at.text_input(key="find-document").set_value("").run()
    at.selectbox(key="filter-tag").set_value("sea").run()
    assert rows(at) == ["Harbour"]
    at.text_input(key="find-document").set_value("nothing like it").run()
    assert "No document fits" in words(at)
    at.button(key="clear-filters").click().run()
    assert len(rows(at)) == 10


def test_few_documents_have_no_filters(assistant, tmp_path):
    (tmp_path / "one.md").write_text("# One\n\nOne thing.\n", encoding="utf-8")
    assistant.ingest([tmp_path / "one.md"])
    assert not any(field.key == "find-document" for field in page().run().text_input)


def test_a_collection_shows_only_its_own_and_new_files_go_there(shelf, assistant):
    assistant.curation.move([shelf["Harbour"].document.id], "home")
    at = page().run()
    at.selectbox(key="shown-collection").set_value("home").run()
    assert rows(at) == ["Harbour"]


def test_a_new_collection_is_chosen_at_once(shelf):
    at = page().run()
    at.text_input(key="new-collection").set_value("  Taxes   2024 ")
    next(button for button in at.button if button.label == "Create").click().run()
    assert at.selectbox(key="shown-collection").value == "Taxes 2024"
    assert "Nothing in this collection yet" in words(at)


# ---------------------------------------------------------------- ticked rows


def test_ticked_rows_are_tagged(shelf, assistant):
    at = tick(page(), shelf["Harbour"], shelf["Lighthouse"])
    at.multiselect(key="tags-to-add").set_value(["sea"]).run()
    at.button(key="add-tags").click().run()
    assert assistant.curation.tags() == {"sea": 2}
    assert not at.exception


def test_a_tag_that_cannot_be_is_explained_until_dismissed(shelf, assistant):
    at = tick(page(), shelf["Harbour"])
    at.multiselect(key="tags-to-add").set_value(["one, two"]).run()
    at.button(key="add-tags").click().run()
    assert "no comma" in words(at).replace("\\", "")
    assert "no comma" in words(at.run()).replace("\\", "")
    at.button(key="dismiss-shelf-error").click().run()
    assert "no comma" not in words(at).replace("\\", "")
    assert assistant.curation.tags() == {}


def test_ticked_rows_are_moved(shelf, assistant):
    assistant.curation.move([shelf["Lighthouse"].document.id], "home")
    at = tick(page(), shelf["Harbour"])
    at.selectbox(key="move-to").set_value("home").run()
    at.button(key="move-now").click().run()
    moved = {entry.document.title for entry in assistant.curation.entries(collection="home")}
    assert moved == {"Harbour", "Lighthouse"}
    assert "Tick documents" in words(at)


def test_a_tick_never_passes_to_another_document(shelf):
    at = tick(page(), shelf["Minutes 3"])
    assert has(at, "open-chosen")
    at.text_input(key="find-document").set_value("lighthouse").run()
    assert rows(at) == ["Lighthouse"]
    assert not has(at, "open-chosen")


def test_a_document_is_deleted_by_name_after_a_second_word(shelf, assistant):
    at = tick(page(), shelf["Harbour"], shelf["Lighthouse"])
    at.button(key="delete-chosen").click().run()
    assert "“Harbour”" in words(at)
    assert "“Lighthouse”" in words(at)
    at.button(key="keep").click().run()
    assert len(assistant.library.documents()) == 10
    at.button(key="delete-chosen").click().run()
    at.button(key="confirm-delete").click().run()
    assert len(assistant.library.documents()) == 8
    assert "“Harbour”" not in words(at)


def test_deleting_one_of_two_files_with_the_same_content_keeps_the_document(assistant, tmp_path):
    for name in ("first.md", "second.md"):
        (tmp_path / name).write_text("# Twice\n\nThe same in two places.\n", encoding="utf-8")
    assistant.ingest([tmp_path / "first.md", tmp_path / "second.md"])
    first = next(entry for entry in assistant.curation.entries() if entry.source.endswith("first.md"))
    at = tick(page(), first)
    at.button(key="delete-chosen").click().run()
    at.button(key="confirm-delete").click().run()
    assert [entry.source.endswith("second.md") for entry in assistant.curation.entries()] == [True]


# ---------------------------------------------------------------- batches


def test_a_batch_says_what_became_of_every_file(assistant):
    take_in(assistant, ("good.md", b"# Good\n\nAll is well.\n"), ("bad.pdf", b"%PDF-1.7 broken"), ("odd.xyz", b"\0\1"))
    at = page().run()
    assert "1 file added, 2 could not be taken in" in words(at).replace("\\", "")
    assert "bad.pdf" in words(at).replace("\\", "")
    assert has(at, "retry-")


def test_a_file_can_be_tried_again(assistant):
    job = take_in(assistant, ("bad.pdf", b"%PDF-1.7 broken"))
    at = page().run()
    at.button(key=f"retry-{job}").click().run()
    for each in assistant.jobs.find(kind="ingest"):
        assistant.jobs.wait(each.id, PATIENCE)
    assert len(assistant.jobs.find(kind="ingest")) == 2
    assert len(assistant.library.problems()) == 1
    at.run()
    assert sum(str(button.key).startswith("retry-") for button in at.button) == 1
    assert not at.exception


def test_a_locked_file_opens_with_its_password(assistant, pytestconfig, tmp_path):
    writer = PdfWriter(clone_from=pytestconfig.rootpath / "basicchat" / "ui" / "assets" / "basicchat-guide.pdf")
    writer.encrypt(user_password="harbour", owner_password="owner", algorithm="AES-256")
    writer.write(tmp_path / "locked.pdf")
    job = take_in(assistant, ("locked.pdf", (tmp_path / "locked.pdf").read_bytes()))
    at = page().run()
    for given in ("wrong", "harbour"):
        assert "needs a password" in words(at)
        job = assistant.library.problems()[0].job_id
        at.text_input(key=f"password-{job}-1").set_value(given)
        next(button for button in at.button if button.label == "Open").click().run()
        for each in assistant.jobs.find(kind="ingest"):
            assistant.jobs.wait(each.id, PATIENCE)
        at.run()
    assert "needs a password" not in words(at)
    assert len(assistant.library.documents()) == 1
    assert not at.exception


def test_files_of_a_batch_that_was_put_away_are_listed_until_taken_off(assistant):
    job = take_in(assistant, ("bad.pdf", b"%PDF-1.7 broken"))
    at = page().run()
    at.button(key=f"hide-{job}").click().run()
    assert "could not be taken in earlier" in at.expander[0].label
    assert "bad.pdf" in words(at).replace("\\", "")
    at.button(key="dismiss-problems").click().run()
    assert assistant.library.problems() == []
    assert not at.expander


def test_pausing_and_stopping_show_at_once(assistant, monkeypatch):
    go_on = threading.Event()

    def slow(payload, context):
        context.progress(stage="reading", done=1, total=2, unit="pages")
        go_on.wait(PATIENCE)
        context.progress(stage="reading", done=2, total=2, unit="pages")

    assistant.jobs.register("slow", slow)
    running = assistant.jobs.submit("slow", {}, title="a big book")
    view = assistant.library.job(running.id)
    activity = assistant.library.activity
    monkeypatch.setattr(
        assistant.library,
        "activity",
        lambda: [*activity(), replace(view, job=assistant.jobs.get(running.id))],
    )
    try:
        at = page().run()
        at.button(key=f"pause-{running.id}").click().run()
        assert "pausing" in words(at)
        assert "pausing" in words(page().run())
        at.button(key=f"cancel-{running.id}").click().run()
        assert "stopping" in words(at)
        assert not has(at, "pause-")
    finally:
        go_on.set()
    assert assistant.jobs.wait(running.id, PATIENCE).state is JobState.CANCELLED
    assert "stopped" in words(at.run())


def test_a_batch_is_put_away(assistant):
    job = take_in(assistant, ("good.md", b"# Good\n\nAll is well.\n"))
    at = page().run()
    at.button(key=f"hide-{job}").click().run()
    assert not has(at, "hide-")
    assert assistant.jobs.find(kind="ingest") == []


# ---------------------------------------------------------------- followed folders


def test_a_folder_is_followed_from_the_page(assistant, tmp_path):
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "a.md").write_text("# A\n\nSomething.\n", encoding="utf-8")
    at = page().run()
    at.text_input(key="follow-path").set_value(str(folder))
    at.text_input(key="follow-ignore").set_value("*.tmp, drafts/")
    next(button for button in at.button if button.label == "Follow this folder").click().run()
    known = assistant.folders.all()[0]
    assert (known.path, known.ignore) == (str(folder), ("*.tmp", "drafts/"))
    at.run()
    at.button(key=f"pause-{known.id}").click().run()
    assert assistant.folders.get(known.id).paused
    at.button(key=f"unfollow-{known.id}").click().run()
    assert assistant.folders.all() == []


@pytest.mark.parametrize(("path", "said"), [("", "Name the folder"), ("/no/such/folder", "There is no folder")])
def test_a_folder_that_cannot_be_followed_is_explained(assistant, path, said):
    at = page().run()
    at.text_input(key="follow-path").set_value(path)
    next(button for button in at.button if button.label == "Follow this folder").click().run()
    assert said in words(at)
    assert assistant.folders.all() == []


# ---------------------------------------------------------------- one document


@pytest.fixture
def guide(assistant, pytestconfig):
    """A PDF of three pages."""
    assistant.ingest([pytestconfig.rootpath / "basicchat" / "ui" / "assets" / "basicchat-guide.pdf"])
    return assistant.curation.entries()[0]


def test_pages_are_turned(guide):
    at = document_page(guide).run()
    assert "Page 1" in words(at)
    at.button(key="turn-on").click().run()
    assert "Page 2" in words(at)
    assert at.query_params["page"] in ("2", ["2"])
    at.number_input(key=f"go-to-{guide.document.id}-2").set_value(3).run()
    assert "Page 3" in words(at)
    assert at.button(key="turn-on").disabled


@pytest.mark.parametrize("given", ["0", "99", "two", "-1", "9" * 30])
def test_an_address_with_a_page_that_is_not_there_opens_one_that_is(guide, given):
    at = document_page(guide, page=given).run()
    assert not at.exception
    assert "Page " in words(at)


def test_a_document_that_is_gone_says_so_and_leads_back(assistant):
    at = page("document", document="nowhere").run()
    assert not at.exception
    assert "not here any more" in words(at)
    assert has(at, "back-to-library")


def test_what_is_found_inside_leads_to_its_passage(shelf):
    entry = shelf["Harbour"]
    at = document_page(entry).run()
    at.text_input(key=f"find-in-{entry.document.id}").set_value("opens at six").run()
    hit = next(button for button in at.button if str(button.key).startswith("found-"))
    hit.click().run()
    assert at.query_params["passage"] in (hit.key.removeprefix("found-"), [hit.key.removeprefix("found-")])


def correction(chunk_id: str, document_id: str) -> AppTest:
    """The dialog alone: what opens it is pressed in a browser."""

    def script(chunk_id: str, document_id: str) -> None:
        from basicchat.ui import state
        from basicchat.ui.components import passages

        chunks = state.assistant().library.chunks(document_id)
        passages.correct(next(chunk for chunk in chunks if chunk.id == chunk_id))

    return AppTest.from_function(script, args=(chunk_id, document_id), default_timeout=PATIENCE).run()


def test_a_passage_is_corrected_and_taken_back(shelf, assistant):
    entry = shelf["Harbour"]
    chunk = assistant.library.chunks(entry.document.id)[0]
    at = correction(chunk.id, entry.document.id)
    at.text_area(key=f"text-of-{chunk.id}").set_value("The harbour opens at noon.")
    at.button(key="save-passage").click().run()
    assert assistant.library.chunks(entry.document.id)[0].text == "The harbour opens at noon."
    assert "corrected" in words(document_page(entry).run())
    at = correction(chunk.id, entry.document.id)
    assert "As it was read" in words(at)
    at.button(key="rollback-0").click().run()
    assert assistant.library.chunks(entry.document.id)[0].text == chunk.text


def test_an_empty_correction_is_refused(shelf, assistant):
    entry = shelf["Harbour"]
    chunk = assistant.library.chunks(entry.document.id)[0]
    at = correction(chunk.id, entry.document.id)
    at.text_area(key=f"text-of-{chunk.id}").set_value("   ")
    at.button(key="save-passage").click().run()
    assert "A passage needs some text" in words(at)
    assert assistant.library.chunks(entry.document.id)[0].text == chunk.text


def test_tags_are_kept(shelf, assistant):
    entry = shelf["Harbour"]
    at = document_page(entry).run()
    at.multiselect(key=f"tags-{entry.document.id}").set_value(["sea"]).run()
    assert assistant.library.document(entry.document.id).tags == ("sea",)


def test_tables_of_a_page_are_shown_when_wanted(assistant, tmp_path):
    (tmp_path / "costs.csv").write_text("Month,Rent\nJanuary,950\nFebruary,960\n", encoding="utf-8")
    assistant.ingest([tmp_path / "costs.csv"])
    at = document_page(assistant.curation.entries()[0])
    at.session_state[f"tables-of-{assistant.curation.entries()[0].document.id}"] = True
    at.run()
    assert not at.exception
    assert list(at.dataframe[0].value["rent"]) == [950, 960]
    assert list(at.dataframe[0].value) == ["month", "rent"]


def test_columns_of_mixed_kinds_and_twice_named_can_be_shown():
    from basicchat.core.types import Table

    table = Table("t", ("a", "a"), ((1, "x"), (None, 2)))
    assert columns_of(table) == {"a": [1, None], "a (2)": ["x", "2"]}


# ---------------------------------------------------------------- text stays text


def test_names_and_texts_with_markup_stay_text(assistant):
    name = f"{ATTACK.replace('/', ' ')} *bold* $x$.md"
    take_in(
        assistant,
        (name, f"# {ATTACK}\n\nText. {ATTACK}\n".encode()),
        (name.replace(".md", ".pdf"), b"%PDF-1.7 broken"),
    )
    entry = assistant.curation.entries()[0]
    assistant.curation.set_tags(entry.document.id, ["<b>tag</b>"])
    for at in (tick(page(), entry), document_page(entry).run()):
        assert not at.exception
        assert all(not element.allow_html for element in at.markdown)
        said = "\n".join(part.value for part in [*at.markdown, *at.caption])
        assert "](http" not in said
        assert "<script>" not in said.replace("\\<script", "")


def test_every_state_of_a_file_has_a_word_and_an_icon():
    from basicchat.ui.render import FILE_STATES

    assert set(FILE_STATES) == set(FileStatus)
    assert all(icon and word for icon, word, _ in FILE_STATES.values())


def test_a_citation_leads_to_all_passages_of_its_document(shelf, assistant):
    entry = shelf["Harbour"]
    chunk = assistant.library.chunks(entry.document.id)[0]
    at = page("chat")
    place = Place(entry.document.id, "Harbour", chunk.page, chunk.start + 2, chunk.end)
    at.session_state["source"] = OpenSource((place,))
    at.run()
    at.button(key="all-passages").click().run()
    assert not at.exception
    assert has(at, "back-to-library")
    assert at.query_params["passage"] in (chunk.id, [chunk.id])


def test_a_place_that_is_no_page_is_called_by_its_name(shelf, assistant):
    place = Place(shelf["Harbour"].document.id, "Costs", 1, name="Sheet Costs, A2:F9")
    at = page("chat")
    at.session_state["source"] = OpenSource((place,))
    said = words(at.run()).replace("\\", "")
    assert "Sheet Costs, A2:F9" in said
    assert "The whole text" not in said
