from basicchat.core import errors
from basicchat.core.events import Failed
from basicchat.ui.errors import TITLES, by_code, notice


def tree(kind: type) -> set[type]:
    return {kind}.union(*(tree(child) for child in kind.__subclasses__() if child.__module__ == errors.__name__))


def test_every_error_of_the_tree_has_a_title():
    assert set(TITLES) == tree(errors.BasicChatError)


def test_titles_are_calm():
    assert all("!" not in title and title[:1].isupper() for title in TITLES.values())


def test_an_error_of_somebody_else_takes_its_parents_title():
    class Narrower(errors.StoreLocked):
        pass

    assert notice(Narrower("Taken.")).title == TITLES[errors.StoreLocked]


def test_a_failed_answer_and_its_error_read_the_same():
    error = errors.DeadlineExceeded("Too slow.")
    failed = Failed(error.code, str(error), error.hint, error.retryable)
    assert notice(failed) == notice(error)


def test_an_unknown_code_gets_the_general_title():
    assert by_code("from-the-future") == TITLES[errors.BasicChatError]
