import datetime as dt

import pytest

from gateway.rules.chat import Audience, KnowledgeBase, KnowledgeError, parse_knowledge

YAML = """
variables:
  days: "30"
entries:
  - id: returns
    category: after
    questions:
      en: [How do I return?, return it]
      zh: [怎么退货]
    answers:
      en: Within {days} days.
    audience: BUYER
    marketplaces: [AMAZON_US]
    valid_from: 2026-01-01
    valid_until: 2026-12-31
    handoff: true
"""
CSV = (
    "id,lang,question,similar,answer,category\n"
    'hours,en,When are you open?,opening hours|open today,"9 to 5, daily",contact\n'
)
MARKDOWN = """---
lang: en
category: shipping
---
# Shipping

## How long does it take? {#ship}
> delivery time
> how many days

Seven days.

Longer in winter.
"""


def test_yaml_gives_every_field() -> None:
    base = parse_knowledge("k", [("faq.yaml", YAML)])
    entry = base.entries[0]
    assert base.variables == {"days": "30"}
    assert entry.questions["en"] == ("How do I return?", "return it")
    assert entry.answers == {"en": "Within {days} days."}
    assert (entry.audience, entry.handoff) == (Audience.BUYER, True)
    assert entry.marketplaces == {"AMAZON_US"}
    assert entry.valid_until == dt.date(2026, 12, 31)
    assert entry.source == "faq.yaml:5"


def test_csv_gives_similar_questions() -> None:
    entry = parse_knowledge("k", [("faq.csv", CSV)]).entries[0]
    assert entry.questions["en"] == ("When are you open?", "opening hours", "open today")
    assert entry.answers["en"] == "9 to 5, daily"


def test_markdown_quotes_are_similar_questions_and_the_rest_is_the_answer() -> None:
    entry = parse_knowledge("k", [("faq.md", MARKDOWN)]).entries[0]
    assert (entry.id, entry.category) == ("ship", "shipping")
    assert entry.questions["en"] == ("How long does it take?", "delivery time", "how many days")
    assert entry.answers["en"] == "Seven days.\n\nLonger in winter."


def test_the_language_of_markdown_may_stand_in_the_file_name() -> None:
    base = parse_knowledge("k", [("faq.de.md", "## Wie lange? {#ship}\nSieben Tage.")])
    assert base.entries[0].answers == {"de": "Sieben Tage."}


def test_one_entry_may_be_spread_over_files_by_language() -> None:
    german = "id,lang,question,answer\nreturns,de,Wie gebe ich zurück?,Binnen 30 Tagen.\n"
    base = parse_knowledge("k", [("a.yaml", YAML), ("b.csv", german)])
    assert len(base.entries) == 1
    assert set(base.entries[0].answers) == {"en", "de"}


BAD = [
    ("x.yaml", "entries: [", "x.yaml:2: no YAML"),
    ("x.yaml", "entries: {}", "x.yaml:1: entries must be a list"),
    ("x.yaml", "more: 1", "has no part 'more'"),
    ("x.yaml", "entries:\n  - id: a\n    id: b", "x.yaml:3: an entry: 'id' stands twice"),
    ("x.yaml", "entries:\n  - id: a\n    color: b", "x.yaml:3: an entry has no field 'color'"),
    ("x.yaml", "entries:\n  - id: a b", "x.yaml:2: id 'a b' is not"),
    (
        "x.yaml",
        "entries:\n  - id: a\n    questions: {en: [q]}",
        "x.yaml:2: entry 'a' has no answer",
    ),
    ("x.yaml", "entries:\n  - id: a\n    answers: {en: x}", "x.yaml:2: entry 'a' has no question"),
    (
        "x.yaml",
        "entries:\n  - id: a\n    questions: {English: [q]}",
        "'English' is no language code",
    ),
    ("x.yaml", "entries:\n  - id: a\n    questions: {en: q}", "questions.en must be a list"),
    ("x.yaml", "entries:\n  - id: a\n    audience: ALL", "audience 'ALL' is none of"),
    ("x.yaml", "entries:\n  - id: a\n    valid_from: soon", "valid_from must be a day"),
    ("x.yaml", "entries:\n  - id: a\n    handoff: yes", "handoff 'yes' is none of"),
    ("x.yaml", "a: &x [1]\nb: *x", "uses a YAML alias"),
    ("x.csv", "id,text\n1,2\n", "x.csv:1: columns are"),
    ("x.csv", "id,lang,question,answer\na,en,q\n", "x.csv:2: has another number of cells"),
    ("x.csv", "id,lang,question,answer\na,en,,x\n", "x.csv:2: has no question"),
    ("x.csv", "id,lang,question,answer\na,EN,q,x\n", "lang 'EN' is no language code"),
    ("x.md", "## q {#a}\nx", "x.md:1: has no language"),
    ("x.en.md", "## q\nx", "x.en.md:1: '## q' is no"),
    ("x.en.md", "## q {#a}\n> only", "x.en.md:1: entry 'a' has no answer"),
    ("x.txt", "q", "is no .yaml, .csv or .md file"),
]


@pytest.mark.parametrize(("file", "text", "message"), BAD)
def test_a_mistake_is_named_with_file_and_line(file: str, text: str, message: str) -> None:
    with pytest.raises(KnowledgeError) as caught:
        parse_knowledge("k", [(file, text)])
    assert message in str(caught.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(KnowledgeError) as caught:
        parse_knowledge("k", [("a.txt", ""), ("b.yaml", "entries: 1")])
    assert [p.file for p in caught.value.problems] == ["a.txt", "b.yaml"]


def test_two_answers_in_one_language_contradict() -> None:
    other = "id,lang,question,answer\nreturns,en,q,Never.\n"
    with pytest.raises(
        KnowledgeError, match=r"b\.csv:2: entry 'returns': another en answer than at"
    ):
        parse_knowledge("k", [("a.yaml", YAML), ("b.csv", other)])


def test_the_order_of_the_files_does_not_matter() -> None:
    files = [("a.yaml", YAML), ("b.csv", CSV), ("c.md", MARKDOWN)]
    assert parse_knowledge("k", files) == parse_knowledge("k", reversed(files))


def test_the_shipped_base_speaks_to_buyers_in_six_languages(shop: KnowledgeBase) -> None:
    for entry in shop.entries:
        if entry.audience is not Audience.OPERATOR:
            assert (
                set(entry.answers) == set(entry.questions) == {"zh", "en", "de", "fr", "es", "ja"}
            )
