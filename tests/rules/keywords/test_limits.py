"""Limits by marketplace."""

import pytest

from gateway.rules.keywords import limits_for


@pytest.mark.parametrize(
    ("label", "name", "line_bytes"),
    [
        ("AMAZON_US", "amazon", 249),
        ("amazon.co.jp", "amazon_jp", 500),
        ("Amazon-IN", "amazon_in", 199),
        ("Etsy", "etsy", 249),
        ("TikTok Shop", "tiktok", 249),
        ("SHOPEE_SG", "shopee", 249),
        ("", "default", 249),
        ("my own shop", "default", 249),
    ],
)
def test_a_free_label_finds_its_row(label: str, name: str, line_bytes: int) -> None:
    limits = limits_for(label)
    assert (limits.marketplace, limits.search_terms_bytes) == (name, line_bytes)


def test_amazon_does_not_count_blanks_and_etsy_limits_tags() -> None:
    assert not limits_for("AMAZON_DE").spaces_count
    assert (limits_for("etsy").keyword_characters, limits_for("etsy").keywords) == (20, 13)
