"""Small knowledge is shown whole and the same to everybody; of large knowledge the nearest."""

from datetime import date

from gateway.core.model import Message, Role
from gateway.rules.chat import KnowledgeBase
from gateway.rules.chat.knowledge import Audience, Entry
from gateway.rules.chat.lexical import untrained
from gateway.tasks.chat.model import ChatRequest
from gateway.tasks.chat.shelf import BEST, Shelves

DAY = date(2026, 1, 1)
NAMES = ("kettle", "lamp", "sofa", "mattress", "pillow", "blanket", "mirror", "carpet", "candle")


def base(words: int) -> KnowledgeBase:
    """Nine things, each with an answer of so many words."""
    entries = tuple(
        Entry(
            name,
            questions={"en": (f"Can I wash the {name}?",)},
            answers={"en": f"The {name}: " + "clean it " * words},
        )
        for name in NAMES
    )
    staff = Entry(
        "secret", questions={"en": ("margin?",)}, answers={"en": "9"}, audience=Audience.OPERATOR
    )
    return KnowledgeBase("shop", (*entries, staff), version=f"v{words}")


def request(*asked: str) -> ChatRequest:
    return ChatRequest(messages=tuple(Message(Role.USER, text) for text in asked))


def test_small_knowledge_is_shown_whole_and_the_same_for_every_question() -> None:
    shelves, model = Shelves(), untrained(base(5))
    one = shelves.shown(request("can I wash the lamp"), model, "en", DAY)
    two = shelves.shown(request("something else"), model, "en", DAY)
    assert one is two
    assert one.whole
    assert one.ids == set(NAMES)


def test_of_large_knowledge_the_nearest_entries_are_shown() -> None:
    shelves, model = Shelves(), untrained(base(700))
    shown = shelves.shown(request("can I wash the lamp"), model, "en", DAY)
    assert not shown.whole
    assert len(shown.ids) <= BEST
    assert shown.text.index("[lamp]") < 20


def test_a_follow_up_is_understood_by_the_question_before() -> None:
    shelves, model = Shelves(), untrained(base(700))
    shown = shelves.shown(request("can I wash the sofa", "and how?"), model, "en", DAY)
    assert "sofa" in shown.ids


def test_a_changed_base_is_shown_anew() -> None:
    shelves = Shelves()
    old = shelves.shown(request("x"), untrained(base(5)), "en", DAY)
    new = shelves.shown(request("x"), untrained(base(6)), "en", DAY)
    assert old.text != new.text
