import datetime as dt

from gateway.rules.chat import Audience, Entry, KnowledgeBase, check_knowledge

TODAY = dt.date(2026, 11, 22)


def _texts(*entries: Entry, variables: dict[str, str] | None = None) -> list[str]:
    base = KnowledgeBase("k", entries, variables or {})
    return [str(problem) for problem in check_knowledge(base, TODAY)]


def _entry(identity: str, question: str, answer: str = "x", until: dt.date | None = None) -> Entry:
    return Entry(
        identity,
        questions={"en": (question,)},
        answers={"en": answer},
        valid_until=until,
        source=f"faq.yaml:{len(identity)}",
    )


def test_the_shipped_base_has_no_problem(shop: KnowledgeBase) -> None:
    assert check_knowledge(shop, TODAY) == ()


def test_an_expired_entry_is_named_with_its_line() -> None:
    expired = _entry("sale", "is there a sale", until=dt.date(2026, 11, 21))
    assert _texts(expired) == [
        "faq.yaml:4: entry 'sale' has expired on 2026-11-21; renew or remove it"
    ]
    assert not _texts(_entry("sale", "is there a sale", until=TODAY))


def test_a_variable_nobody_defines_is_named() -> None:
    entry = _entry("a", "how many days", "{days} days")
    assert _texts(entry) == ["faq.yaml:1: entry 'a' uses the variable 'days', which nobody defines"]
    assert not _texts(entry, variables={"days": "30"})


def test_a_language_its_peers_have_is_missing() -> None:
    both = {"en": ("question one",), "de": ("Frage eins",)}
    peers = [
        Entry(
            name,
            questions={k: (f"{q[0]} {name}",) for k, q in both.items()},
            answers={"en": name, "de": name},
        )
        for name in ("alpha", "beta", "gamma")
    ]
    texts = _texts(*peers, _entry("delta", "something else"))
    assert texts == ["faq.yaml:5: entry 'delta' has no question or no answer in 'de'"]
    operator = Entry(
        "op", questions={"en": ("print",)}, answers={"en": "p"}, audience=Audience.OPERATOR
    )
    assert not _texts(*peers, operator)


def test_near_equal_questions_with_different_answers_are_named() -> None:
    one, other = _entry("a", "Can I return shoes?"), _entry("bb", "can I return shoes", "y")
    assert (
        "asks 'can I return shoes', as entry 'a' asks 'Can I return shoes?'"
        in _texts(one, other)[0]
    )
    assert not _texts(one, _entry("bb", "can I return shoes"))
    assert not _texts(one, _entry("bb", "which sizes do you have", "y"))
