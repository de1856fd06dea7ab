"""From text to Config: what is merged, what is on, what the version tells."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import Config, ConfigError, load_text
from gateway.core.options import OnOverload, Target

DEPLOYMENT = "a: {provider: openai, model: m, api_key_env: A_KEY}"
SECRET = "sk-live-0123456789abcdef"


def loaded(text: str, **env: str) -> Config:
    return load_text(text, "gateway.yaml", env)


def with_route(route: str) -> str:
    return f"deployments:\n  {DEPLOYMENT}\nroutes:\n  - {route}\n"


def test_a_single_route_is_a_whole_configuration() -> None:
    config = loaded("routes: [{name: all}]")
    assert [route.name for route in config.plan.routes] == ["all"]
    assert config.server.listen == "127.0.0.1:50051"
    assert config.knowledge == Path("knowledge")


def test_a_name_alone_is_a_tier_and_a_list_is_a_shared_tier() -> None:
    text = """
deployments:
  a: {provider: openai, model: m, base_url: "http://a"}
  b: {provider: openai, model: m, base_url: "http://b"}
  c: {provider: openai, model: m, base_url: "http://c"}
routes: [{name: all, tiers: [a, [b, {deployment: c, weight: 3}]]}]
"""
    (route,) = loaded(text).plan.routes
    assert route.tiers == ((Target("a"),), (Target("b"), Target("c", 3.0)))


def test_a_deployment_is_on_when_its_variable_holds_a_key() -> None:
    plan = loaded(with_route("{name: all, tiers: [a]}"), A_KEY=f" {SECRET}\n").plan
    assert plan.deployments["a"].api_key.reveal() == SECRET
    assert plan.off == {}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "environment variable A_KEY is not set"),
        ("", "environment variable A_KEY is not set"),
        ("two words", "environment variable A_KEY holds no key: a key is one word of ASCII"),
        ("ключ", "environment variable A_KEY holds no key: a key is one word of ASCII"),
    ],
)
def test_a_deployment_without_a_usable_key_is_off_and_says_why(
    value: str | None, reason: str
) -> None:
    env = {} if value is None else {"A_KEY": value}
    plan = load_text(with_route("{name: all, tiers: [a]}"), "gateway.yaml", env).plan
    assert plan.deployments == {}
    assert plan.off["a"].startswith(reason)
    assert plan.routes[0].deployments() == ("a",)


def test_a_deployment_can_be_switched_off_by_one_line() -> None:
    text = "deployments:\n  a: {provider: x, model: m, base_url: 'http://a', enabled: false}\n"
    plan = loaded(text + "routes: [{name: all, tiers: [a]}]").plan
    assert plan.off == {"a": "switched off in the file (enabled: false)"}


def test_defaults_fill_what_a_deployment_and_a_route_do_not_say() -> None:
    text = """
defaults:
  timeouts: {connect_s: 1, total_s: 10}
  rules: {on_overload: reject}
deployments:
  a: {provider: openai, model: m, base_url: "http://a", timeouts: {total_s: 30}}
routes:
  - {name: chat, match: {calls: [chat]}, tiers: [a], rules: {reserve_s: 0.1}}
  - {name: all}
"""
    plan = loaded(text).plan
    timeouts = plan.deployments["a"].timeouts
    assert (timeouts.connect_s, timeouts.total_s, timeouts.idle_s) == (1, 30, 6)
    assert [route.rules.on_overload for route in plan.routes] == [OnOverload.REJECT] * 2
    assert [route.rules.reserve_s for route in plan.routes] == [0.1, 0.05]


def test_yaml_words_that_look_like_something_else_stay_text() -> None:
    (route, _) = loaded(
        with_route("{name: n, match: {locales: [no], tenants: [yes, 12:30, 007, 2026-01-01, 1_0]}}")
        + "  - {name: all}"
    ).plan.routes
    assert route.match.locales == ("no",)
    assert route.match.tenants == ("yes", "12:30", "007", "2026-01-01", "1_0")


def test_the_version_follows_every_value_and_nothing_else() -> None:
    base = with_route("{name: all, tiers: [a]}")
    version = loaded(base).plan.version
    assert (
        version
        == loaded("# a remark\n" + base.replace("{name: all,", "{ name: 'all' ,")).plan.version
    )
    assert version == loaded(base + "server: {drain_s: 20}").plan.version  # the default, said
    assert version != loaded(base + "server: {drain_s: 21}").plan.version
    assert version != loaded(base.replace("model: m", "model: n")).plan.version


def test_the_version_tells_which_deployments_are_on_but_not_their_keys() -> None:
    text = with_route("{name: all, tiers: [a]}")
    off, on, other = loaded(text), loaded(text, A_KEY=SECRET), loaded(text, A_KEY="another")
    assert off.plan.version != on.plan.version
    assert on.plan.version == other.plan.version


def test_a_configuration_never_shows_a_key() -> None:
    assert SECRET not in repr(loaded(with_route("{name: all, tiers: [a]}"), A_KEY=SECRET))


def is_judged(text: str) -> bool:
    """Whether a text becomes a configuration or a list of faults, and nothing else happens."""
    try:
        return bool(loaded(text).plan.routes)
    except ConfigError as error:
        return bool(error.problems)


@given(st.text(max_size=200))
def test_any_text_is_a_configuration_or_a_list_of_faults(text: str) -> None:
    assert is_judged(text)


WORDS = "routes deployments defaults name all : [ ] { } , 1 true null ' &x *x << | > !t # ---"
YAML_BITS = st.sampled_from([*WORDS.split(" "), " ", "\n", "\n  ", "- ", '"', "\t"])


@given(st.lists(YAML_BITS, max_size=40).map("".join))
def test_any_heap_of_yaml_is_a_configuration_or_a_list_of_faults(text: str) -> None:
    assert is_judged(text)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "tiers", "match", "timeouts", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["server", "cache", "defaults", "deployments", "routes"]), VALUES
    )
)
def test_any_value_in_any_place_is_a_configuration_or_a_list_of_faults(
    document: dict[str, object],
) -> None:
    assert is_judged(yaml.safe_dump(document, allow_unicode=False))
