"""What is read of a caller's metadata, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.metadata import KNOWN, CallMetadata, read

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def made() -> str:
    return "made"


def test_known_names_are_read_and_others_ignored() -> None:
    pairs: list[tuple[str, str | bytes]] = [
        ("x-request-id", "r-1"),
        ("x-erp-version", "1.2.7"),
        ("traceparent", TRACE),
        ("authorization", "Bearer k"),
        ("x-other", "v"),
        ("grpc-trace-bin", b"\x00"),
    ]
    assert read(pairs, made) == CallMetadata("r-1", "1.2.7", TRACE, "Bearer k", own_id=True)


def test_an_id_is_made_where_none_is_sent() -> None:
    assert read([], made).request_id == "made"


@pytest.mark.parametrize("value", ["a b", "\x7f", "é", "-a", "x" * 129, "a\r\nb: c", "../../x"])
def test_a_request_id_that_may_not_be_echoed_is_refused_and_one_is_made(value: str) -> None:
    found = read([("x-request-id", value)], made)
    assert [violation.field for violation in found.violations] == ["x-request-id"]
    assert found.request_id == "made"


@pytest.mark.parametrize("value", ["v 1", "1.2;drop", "x" * 65, ".1"])
def test_an_erp_version_that_cannot_be_matched_is_refused(value: str) -> None:
    found = read([("x-erp-version", value)], made)
    assert [violation.field for violation in found.violations] == ["x-erp-version"]
    assert found.erp_version == ""


@pytest.mark.parametrize(
    "value",
    ["", "00-xyz", TRACE.upper(), TRACE + "-x", "ff" + TRACE[2:], "00-" + "0" * 32 + TRACE[35:]],
)
def test_an_invalid_traceparent_starts_a_new_trace(value: str) -> None:
    assert read([("traceparent", value)], made) == CallMetadata("made")


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_name_sent_twice_is_refused(name: str) -> None:
    found = read([(name, "a"), (name, "b")], made)
    assert name in {violation.field for violation in found.violations}


def test_a_long_authorization_is_refused_and_not_kept() -> None:
    found = read([("authorization", "x" * 5_000)], made)
    assert [violation.field for violation in found.violations] == ["authorization"]
    assert found.authorization == ""


values = st.one_of(st.text(max_size=300), st.binary(max_size=300))


@given(st.lists(st.tuples(st.sampled_from([*KNOWN, "x-other", "a-bin"]), values), max_size=12))
def test_nothing_in_the_metadata_can_break_the_reading(
    pairs: list[tuple[str, str | bytes]],
) -> None:
    found = read(pairs, made)
    assert found.request_id.isascii()
    assert found.request_id.isprintable()
    assert len(found.request_id) <= 128
    assert len(found.violations) <= len(pairs)
