from threading import Event as Signal

from basicchat.core.errors import ProviderUnavailable
from basicchat.core.events import Failed, Token
from basicchat.ui import live


def last(answer: live.LiveAnswer):
    return list(answer.follow())[-1]


def test_a_follower_sees_everything_to_the_end():
    answer = live.LiveAnswer("q", iter_events("one ", "two"))
    assert live.text_of(last(answer)) == "one two"


def test_two_followers_see_the_same():
    answer = live.LiveAnswer("q", iter_events("one"))
    assert last(answer) == last(answer)


def test_stopping_closes_the_events_and_keeps_what_was_said():
    closed, may_go_on = Signal(), Signal()

    def endless():
        try:
            yield Token("one")
            may_go_on.wait(10)
            while True:
                yield Token(" more")
        finally:
            closed.set()

    answer = live.LiveAnswer("q", endless())
    answer.stop()
    may_go_on.set()
    assert live.text_of(last(answer)).startswith("one")
    answer.join(10)
    assert closed.is_set()


def test_an_error_becomes_the_last_event():
    def broken():
        yield Token("one")
        raise ProviderUnavailable("Gone.", provider="p")

    end = last(live.LiveAnswer("q", broken()))[-1]
    assert isinstance(end, Failed)
    assert end.code == "provider-unavailable"


def test_a_conversation_knows_its_answer_until_it_is_forgotten():
    answer = live.start("c", "q", iter_events("one"))
    assert live.find("c") is answer
    live.forget("c", answer)
    assert live.find("c") is None
    answer.join(10)


def iter_events(*words: str):
    yield from (Token(word) for word in words)
