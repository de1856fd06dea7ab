"""A trained model survives as bytes; anything else is refused; an untrained one is humble."""

import pytest

from gateway.rules.chat import ChatModel, Kind, MessageContext, route
from gateway.rules.chat.lexical import untrained
from gateway.rules.chat.packing import packed, training_version, unpacked

ASKED = (
    "how do I return an item",
    "怎么申请退货",
    "where is my order",
    "is this lamp waterproof",
    "let me talk to somebody who knows",
)


def test_a_model_that_was_kept_decides_as_the_one_that_was_trained(model: ChatModel) -> None:
    kept = unpacked(packed(model), model.knowledge)
    for text in ASKED:
        assert route(text, MessageContext(), kept) == route(text, MessageContext(), model)
        assert kept.rank(text) == model.rank(text)


def test_bytes_that_are_no_model_are_refused(model: ChatModel) -> None:
    raw = packed(model)
    for wrong in (b"", b"PK", raw[: len(raw) // 2], b"\x80\x04N."):
        with pytest.raises(ValueError, match=r"."):
            unpacked(wrong, model.knowledge)


def test_a_model_of_other_knowledge_is_refused(model: ChatModel) -> None:
    fewer = type(model.knowledge)("shop", model.knowledge.entries[1:])
    with pytest.raises(ValueError, match="other knowledge"):
        unpacked(packed(model), fewer)


def test_the_version_of_the_code_is_stable() -> None:
    assert len(training_version()) == 64


def test_an_untrained_model_suggests_but_is_sure_of_nothing_but_known_words(
    model: ChatModel,
) -> None:
    humble = untrained(model.knowledge)
    known = model.knowledge.entries[0]
    exact = next(iter(known.questions.values()))[0]
    assert route(exact, MessageContext(), humble).faq_id == known.id
    near = route("would it be fine to hand an item back to you guys", MessageContext(), humble)
    assert near.kind is Kind.SUGGESTIONS
    assert near.suggestions
