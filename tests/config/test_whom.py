"""What a change does, and to whom, is told as exactly as routing decides it."""

from itertools import pairwise, product
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.diff import lines
from gateway.config import Config, load_text
from gateway.config.changes import knob_changes
from gateway.config.secrets import EveryKey
from gateway.config.whom import _boxes

HEAD = """
deployments:
  a: {provider: openai, model: m1, api_key_env: A_KEY}
  b: {provider: openai, model: m2, api_key_env: B_KEY}
"""
OLD = HEAD + "routes: [{name: all, tiers: [a, b], model_version: v1}]\n"


def loaded(text: str) -> Config:
    return load_text(text, "gateway.yaml", EveryKey())


def told(new: str) -> list[str]:
    return list(lines(loaded(OLD), loaded(new)))


def test_nothing_is_told_of_remarks_and_of_defaults_that_are_said() -> None:
    assert told("# remark\n" + OLD + "server: {drain_s: 20}\n")[0].startswith("nothing changes")


def test_another_order_for_one_locale_is_told_of_that_locale_alone() -> None:
    new = HEAD + (
        "routes: [{name: zh, match: {locales: [zh], calls: [chat]}, tiers: [b, a]},"
        " {name: all, tiers: [a, b], model_version: v1}]\n"
    )
    found = told(new)
    assert found[2:6] == [
        "calls that go another way:",
        "  call chat, locale zh",
        "    before: a, then b, then rules as v1",
        "    after:  b, then a, then rules",
    ]
    assert found[6:] == ["", "what differs in the files:", "  routes.zh is new"]


def test_a_knob_is_told_with_both_values_and_a_key_never() -> None:
    new = OLD.replace("model: m1,", "model: m1, timeouts: {total_s: 5},")
    assert told(new)[2:] == [
        "every call goes the same way as before",
        "",
        "what differs in the files:",
        "  deployments.a.timeouts.total_s: 20.0 -> 5.0",
    ]
    one, other = (load_text(OLD, "f", {"A_KEY": key, "B_KEY": key}) for key in ("first", "second"))
    assert list(knob_changes(one, other)) == []


def test_a_variant_for_an_erp_release_touches_that_release_alone() -> None:
    new = OLD.replace("model_version: v1", "model_version: v1, variants: [{name: n, tiers: [b],"
                      " erp_versions: ['1.2'], model_version: v2}]")  # fmt: skip
    assert told(new)[3:6] == [
        "  ERP version 1.2",
        "    before: a, then b, then rules as v1",
        "    after:  b, then rules as v2",
    ]


def test_shares_and_copies_are_told() -> None:
    new = OLD.replace("model_version: v1", "model_version: v1, variants: [{name: n, tiers: [b],"
                      " percent: 10}], mirror: {deployment: b, percent: 2}")  # fmt: skip
    assert told(new)[5] == (
        "    after:  0.1 of callers: b, then rules as v1; 0.9 of callers: a, then b, then rules"
        " as v1; 2% copied to b"
    )


KINDS = list(product("ab", "cde", "fg", "hi", "jk"))


@given(st.sets(st.sampled_from(KINDS)))
def test_what_is_told_together_is_each_kind_of_caller_once(kinds: set[tuple[str, ...]]) -> None:
    told = [kind for box in _boxes(sorted(kinds)) for kind in product(*box)]
    assert len(told) == len(kinds)
    assert set(told) == kinds


def test_the_shipped_examples_can_be_compared() -> None:
    folder = Path(__file__).resolve().parents[2] / "config"
    files = [folder / "gateway.yaml", *sorted((folder / "examples").glob("*.yaml"))]
    shipped = [load_text(file.read_text(), str(file), EveryKey()) for file in files]
    for one, other in pairwise(shipped):
        assert len(list(lines(one, other))) > 1
