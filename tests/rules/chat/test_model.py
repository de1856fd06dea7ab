import pickle

import numpy as np
import pytest

from gateway.rules.chat import ChatModel, Entry, KnowledgeBase, MessageContext, route, train
from gateway.rules.chat.calibration import (
    CAUTIOUS,
    LOWEST,
    PRECISION,
    PRIOR_WEIGHTS,
    Judged,
    calibrate,
)
from gateway.rules.chat.features import count_features
from gateway.rules.chat.index import build_index, gram


def test_training_twice_gives_the_same_model(shop: KnowledgeBase, model: ChatModel) -> None:
    again = train(shop)
    assert np.array_equal(again.answers.words, model.answers.words)
    assert again.answers.calibration == model.answers.calibration


def test_a_model_survives_the_way_out_of_its_process(model: ChatModel) -> None:
    back: ChatModel = pickle.loads(pickle.dumps(model))  # noqa: S301 - our own bytes
    for text in ("can I pay with apple pay", "怎么开发票", "zzxxqq"):
        assert route(text, MessageContext(), back) == route(text, MessageContext(), model)


def test_the_best_entry_comes_first_and_alone_is_told_with_confidence(model: ChatModel) -> None:
    ranked = model.rank("how many days until my refund is paid")
    assert ranked[0].entry.id == "refund_time"
    assert [r.score for r in ranked] == sorted((r.score for r in ranked), reverse=True)
    assert 0 < ranked[0].confidence < 1
    assert [r.confidence for r in ranked[1:]] == [0.0, 0.0]


def test_entries_not_admitted_are_not_ranked(model: ChatModel) -> None:
    ranked = model.rank("how do I return an item", lambda entry: entry.id != "return_how")
    assert "return_how" not in [r.entry.id for r in ranked]


def test_an_empty_base_ranks_nothing() -> None:
    assert train(KnowledgeBase("empty", ())).rank("hello") == ()


def test_a_base_of_one_entry_answers_its_question_and_no_other() -> None:
    entry = Entry("a", questions={"en": ("do you sell bicycles",)}, answers={"en": "Yes."})
    model = train(KnowledgeBase("one", (entry,)))
    assert route("Do you sell bicycles?", MessageContext(), model).faq_id == "a"
    assert not route("what is your favourite colour", MessageContext(), model).faq_id


def test_a_cosine_is_one_with_itself_and_zero_with_a_stranger() -> None:
    words = [count_features(text)[0] for text in ("red shoes", "blue hats")]
    cosines = gram(build_index(words), words)
    assert cosines == pytest.approx(np.eye(2))


def test_a_left_out_question_is_judged_as_by_a_model_that_never_saw_it() -> None:
    """The closed form equals training without the question (same vocabulary weights)."""
    rng = np.random.default_rng(7)
    points = rng.random((12, 30))
    kernel, targets = points @ points.T, np.eye(3)[np.arange(12) % 3]
    inverse = np.linalg.inv(kernel + np.eye(12))
    dual = inverse @ targets
    closed = targets[4] - dual[4] / inverse[4, 4]
    rest = [i for i in range(12) if i != 4]
    trained = np.linalg.solve(kernel[np.ix_(rest, rest)] + np.eye(11), targets[rest])
    assert closed == pytest.approx(kernel[4, rest] @ trained)


def _judged(right: np.ndarray, asked: np.ndarray) -> Judged:
    rows = np.column_stack([np.ones(len(asked)), *[asked] * 5])
    nothing = np.zeros((0, 6))
    return Judged(rows, right.astype(np.bool_), nothing, nothing)


def test_the_threshold_keeps_the_promised_precision_on_what_it_was_fitted_to() -> None:
    rng = np.random.default_rng(3)
    asked = rng.random(2000)
    right = rng.random(2000) < asked
    judged = _judged(right, asked)
    fitted = calibrate(judged, entries=150)
    sure = 1 / (1 + np.exp(-judged.asked @ np.array(fitted.weights))) >= fitted.threshold
    assert right[sure].mean() >= PRECISION


def test_a_small_base_is_judged_by_the_prior() -> None:
    fitted = calibrate(_judged(np.ones(100), np.ones(100)), entries=10)
    assert (fitted.weights, fitted.threshold) == (PRIOR_WEIGHTS, CAUTIOUS)


def test_an_easy_base_still_asks_for_the_lowest_threshold() -> None:
    fitted = calibrate(_judged(np.ones(400), np.ones(400)), entries=150)
    assert fitted.threshold >= LOWEST


def test_a_model_says_what_it_is(model: ChatModel) -> None:
    assert repr(model).startswith("ChatModel('shop', 45 entries, ")


def test_entries_left_out_by_number_are_those_not_admitted(model: ChatModel) -> None:
    entries = model.knowledge.entries
    odd = [number for number in range(len(entries)) if number % 2]
    admitted = {entry.id for number, entry in enumerate(entries) if not number % 2}
    for text in ("how do I return an item", "退款多久到账", "wo ist mein paket"):
        by_number = model.rank(text, left_out=odd)
        assert by_number == model.rank(text, lambda entry: entry.id in admitted)
        assert by_number != model.rank(text)


def test_features_counted_once_rank_as_their_text_does(model: ChatModel) -> None:
    for text in ("how do I return an item", "退款多久到账", "a" * 3000, ""):
        assert model.rank(count_features(text)) == model.rank(text)
