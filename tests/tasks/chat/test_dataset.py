"""From the question log to labelled conversations."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.feedback import Rating, Resolution
from gateway.core.questions import Judged, Question
from gateway.tasks.chat.dataset import dataset, openai, sharegpt


def row(
    question: str, at_s: float = 1.0, conversation: str = "", tenant: str = "a", **said: Any
) -> Judged:
    asked = Question(
        at_s=at_s,
        tenant=tenant,
        request_id="r",
        conversation_id=conversation,
        question=question,
        answer=f"answer to {question}",
        whole=said.pop("whole", True),
    )
    return Judged(question=asked, **said)


def turns(*rows: Judged) -> list[tuple[tuple[str, str], ...]]:
    made = dataset(rows)
    return [talk.turns for talk in (*made.train, *made.validation)]


@pytest.mark.parametrize(
    "label",
    [{"rating": Rating.UP}, {"corrected_answer": "better"}, {"resolution": Resolution.RESOLVED}],
)
def test_one_good_word_labels_a_conversation(label: dict[str, Any]) -> None:
    found = turns(row("first", 1, "c"), row("second", 2, "c", **label))
    answer = label.get("corrected_answer", "answer to second")
    assert found == [(("first", "answer to first"), ("second", answer))]


@pytest.mark.parametrize(
    "said",
    [{}, {"rating": Rating.DOWN}, {"resolution": Resolution.UNRESOLVED}, {"corrected_intent": "x"}],
)
def test_without_a_good_word_nothing_is_exported(said: dict[str, Any]) -> None:
    assert turns(row("q", **said)) == []


def test_a_conversation_ends_before_an_answer_that_was_bad() -> None:
    good, bad = row("good", 1, "c", rating=Rating.UP), row("bad", 2, "c", rating=Rating.DOWN)
    assert turns(good, bad, row("later", 3, "c")) == [(("good", "answer to good"),)]


def test_a_bad_answer_that_was_corrected_teaches() -> None:
    assert turns(row("q", rating=Rating.DOWN, corrected_answer="right")) == [(("q", "right"),)]


def test_a_cut_text_teaches_nothing() -> None:
    assert turns(row("q", whole=False, rating=Rating.UP)) == []


def test_conversations_of_two_tenants_with_one_id_stay_apart() -> None:
    one, other = row("x", 1, "c", "a", rating=Rating.UP), row("y", 2, "c", "b", rating=Rating.UP)
    assert sorted(map(len, turns(one, other))) == [1, 1]


def test_duplicates_go_and_the_newest_stays() -> None:
    rows = [row("Where  IS it?", 1, rating=Rating.UP), row("where is it?", 2, rating=Rating.UP)]
    for each in rows:
        object.__setattr__(each.question, "answer", "there")
    made = dataset(rows)
    assert [talk.last_s for talk in made.train] == [2]
    assert (made.duplicates, made.unlabelled) == (1, 0)


def test_texts_are_masked_whatever_the_log_held() -> None:
    found = turns(row("mail a@b.example", corrected_answer="to a@b.example or 138 1234 5678"))
    assert found == [(("mail [EMAIL_1]", "to [EMAIL_1] or [PHONE_1]"),)]


def test_the_newest_tenth_validates_and_no_conversation_is_on_both_sides() -> None:
    rows = [row(f"q{t}{c}", t, f"c{c}", rating=Rating.UP) for c in range(20) for t in (c, c + 0.5)]
    made = dataset(rows)
    assert (len(made.train), len(made.validation)) == (18, 2)
    assert max(t.last_s for t in made.train) < min(t.last_s for t in made.validation)
    assert all(len(talk.turns) == 2 for talk in (*made.train, *made.validation))


def test_the_formats() -> None:
    (talk,) = dataset([row("q", rating=Rating.UP)]).train
    assert openai(talk, "Be brief.") == {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": "answer to q"},
        ]
    }
    assert sharegpt(talk, "") == {
        "conversations": [
            {"from": "human", "value": "q"},
            {"from": "gpt", "value": "answer to q"},
        ]
    }


ROWS = st.lists(
    st.builds(
        row,
        st.sampled_from(["a", "b", "B", ""]),
        st.integers(0, 9).map(float),
        st.sampled_from(["", "c", "d"]),
        st.sampled_from(["t", "u"]),
        rating=st.sampled_from([None, *Rating]),
        corrected_answer=st.sampled_from(["", "x"]),
    ),
    max_size=30,
)


@given(ROWS)
def test_every_conversation_is_counted_once(rows: list[Judged]) -> None:
    made = dataset(rows)
    talks = {(r.question.tenant, r.question.conversation_id or n) for n, r in enumerate(rows)}
    assert made.labelled + made.duplicates + made.unlabelled == len(talks)
    keys = [talk.key() for talk in (*made.train, *made.validation)]
    assert len(keys) == len(set(keys))
