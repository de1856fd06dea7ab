"""gateway.tasks.chat.reading: what is kept of a question, and for how long."""

from gateway.rules import chat as chat_rules
from gateway.rules.chat import MessageContext, parse_knowledge
from gateway.rules.chat.lexical import untrained
from gateway.tasks.chat.reading import MAX_KEPT, MAX_KEPT_CHARACTERS, Reader, spelling_of

RETURNS = """
entries:
  - id: returns
    questions: {en: [How do I return an item?, Can I send it back?]}
    answers: {en: Within 30 days.}
"""
MODEL = untrained(parse_knowledge("shop", [("faq.yaml", RETURNS)]))
ENGLISH = MessageContext(language="en")
QUESTION = "How do I return an item?"


def test_a_question_that_comes_again_is_read_once() -> None:
    reader = Reader()
    first = reader.read(QUESTION, ENGLISH, MODEL, keep=True)
    assert reader.read(QUESTION, ENGLISH, MODEL, keep=True) is first
    assert first.decision == chat_rules.route(QUESTION, ENGLISH, MODEL)


def test_another_context_is_another_reading() -> None:
    reader = Reader()
    first = reader.read("1234567890", ENGLISH, MODEL, keep=True)
    asked = MessageContext(language="en", previous_reply="What is your tracking number?")
    assert reader.read("1234567890", asked, MODEL, keep=True) is not first


def test_without_a_cache_nothing_is_kept() -> None:
    reader = Reader()
    first = reader.read(QUESTION, ENGLISH, MODEL, keep=False)
    assert reader.read(QUESTION, ENGLISH, MODEL, keep=False) is not first
    assert reader.read(QUESTION, ENGLISH, MODEL, keep=True) is not first


def test_a_model_trained_anew_forgets_the_readings_of_the_old_one() -> None:
    reader, anew = Reader(), untrained(MODEL.knowledge)
    first = reader.read(QUESTION, ENGLISH, MODEL, keep=True)
    second = reader.read(QUESTION, ENGLISH, anew, keep=True)
    assert second is not first
    assert reader.read(QUESTION, ENGLISH, anew, keep=True) is second


def test_a_letter_is_not_kept() -> None:
    reader, letter = Reader(), "x" * (MAX_KEPT_CHARACTERS + 1)
    first = reader.read(letter, ENGLISH, MODEL, keep=True)
    assert reader.read(letter, ENGLISH, MODEL, keep=True) is not first


def test_what_is_kept_is_bounded() -> None:
    reader = Reader()
    for number in range(MAX_KEPT + 1):
        reader.read(f"question {number}", ENGLISH, MODEL, keep=True)
    assert repr(reader) == "Reader({'shop': 1})"


def test_wordings_of_one_entry_share_a_spelling() -> None:
    first, second = (spelling_of(q, MODEL.knowledge) for q in (QUESTION, "can i send it back"))
    assert first == second == ("entry", "returns")


def test_personal_data_and_unknown_numbers_have_no_spelling() -> None:
    assert spelling_of("I am jane@example.com, how do I return?", MODEL.knowledge) == ()
    assert spelling_of("Where is 4711?", MODEL.knowledge) == ()
