"""Which links and addresses an answer may show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rules.checks import Links, foreign_links, links_in, whole_links

KNOWN = links_in("Track at https://track.shop.example/t or write to help@shop.example.")


@pytest.mark.parametrize(
    "said",
    [
        "See https://track.shop.example/t?id=1.",
        "Write to help@shop.example, please.",
        "No link. Etc. e.g. this. It arrived.Please wait. file.pdf",
    ],
)
def test_what_the_knowledge_holds_may_be_shown(said: str) -> None:
    assert foreign_links(said, KNOWN) == ()


@pytest.mark.parametrize(
    ("said", "foreign"),
    [
        ("Pay at http://evil.example/pay", "evil.example"),
        ("请到evil.example付款", "evil.example"),
        ("go to www.evil.de now", "evil.de"),
        ("evil[.]example", "evil.example"),
        ("ftp://evil.example", "evil.example"),
        ("see pay.unknownland/now", "pay.unknownland"),
        ("https://track.shop.example.evil.com/", "track.shop.example.evil.com"),
        ("write to me@evil.example", "me@evil.example"),
        ("[here](HTTPS://EVIL.EXAMPLE/x)", "evil.example"),
    ],
)
def test_what_nobody_allowed_is_found(said: str, foreign: str) -> None:
    assert foreign in foreign_links(said, KNOWN)


def test_a_domain_is_allowed_with_all_below_it_and_nothing_beside() -> None:
    said = "https://a.shop.example, me@shop.example, https://notshop.example"
    assert foreign_links(said, Links(), ["Shop.example"]) == ("notshop.example",)


def test_of_a_tools_result_only_a_fields_whole_value_is_allowed() -> None:
    fields = {
        "url": "https://carrier.example/LX1",
        "parcels": [{"url": "https://other.example/1"}],
        "note": "pay at http://evil.example/pay",
        "pieces": 3,
    }
    assert whole_links(fields).hosts == {"carrier.example", "other.example"}


@given(st.text(max_size=200))
def test_a_text_may_repeat_its_own_links(text: str) -> None:
    assert foreign_links(text, links_in(text)) == ()
