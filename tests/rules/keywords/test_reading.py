"""How texts are cleaned, told apart and cut into words."""

import pytest

from gateway.rules.keywords import Field, KeywordRequest, Listing, clean, language
from gateway.rules.keywords.reading import profile_of, read
from gateway.rules.keywords.tokens import stretches


def words(text: str, tongue: str) -> list[list[str]]:
    return [[t.word.lower for t in one.tokens] for one in stretches(Field.TITLE, text, tongue)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ｗｉｄｅ <b>bold</b> &amp; ①", "Wide \nbold\n & \n"),
        ("<script>alert(1)</script>x", "\nx"),
        ("mail me@shop.example or https://shop.example/x now", "mail \n or \n now"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
    ],
)
def test_markup_width_and_addresses_are_cleaned(text: str, expected: str) -> None:
    assert clean.plain(text) == expected


@pytest.mark.parametrize(
    ("text", "tongue"),
    [
        ("dog bed FREE SHIPPING", "en"),
        ("Lampe Kostenloser  Versand", "de"),
        ("保温杯包邮", "zh"),
        ("水筒【送料無料】", "ja"),
        ("lampe 2024", "fr"),
        ("botella Envío-gratis", "es"),
    ],
)
def test_marketing_is_cut_in_every_language(text: str, tongue: str) -> None:
    cut = clean.without_marketing(text, tongue)
    assert clean.SEPARATOR in cut
    assert not clean.is_marketing(cut, tongue)


@pytest.mark.parametrize(
    "text", ["freeshippingbag", "codename lamp", "model 12024", "neutral lamp"]
)
def test_words_that_only_contain_marketing_are_kept(text: str) -> None:
    assert clean.without_marketing(text, "en") == text


@pytest.mark.parametrize(
    ("text", "tag", "expected"),
    [
        ("Wooden dog bed with cushion", "", "en"),
        ("Schlauch für den Garten", "", "de"),
        ("Lampe de bureau pour enfant", "", "fr"),
        ("Botella de agua para niños", "", "es"),
        ("蓝牙耳机 Bluetooth", "", "zh"),
        ("ワイヤレスイヤホン", "", "ja"),
        ("12345", "", "en"),
        ("Lamp", "zh_CN", "zh"),
        ("Wooden dog bed", "pt-BR", "en"),
    ],
)
def test_the_language_is_told_by_tag_script_or_words(text: str, tag: str, expected: str) -> None:
    assert language.detect(text, tag) == expected


@pytest.mark.parametrize(
    ("text", "tongue", "expected"),
    [
        (
            "24 in. x 1.5 ft. Shelf, 1,000 lb",
            "en",
            [["24", "in", "x", "1.5", "ft", "shelf"], ["1,000", "lb"]],
        ),
        ("Coussin d'allaitement", "fr", [["coussin", "d", "allaitement"]]),
        ("Taie 65x65 cm", "fr", [["taie", "65x65", "cm"]]),
        ("猫抓板磨爪器", "zh", [["猫抓板", "磨爪器"]]),
        ("折りたたみ傘 会計の世界史", "ja", [["折りたたみ", "傘"], ["会計", "の", "世界", "史"]]),
    ],
)
def test_texts_are_cut_into_words(text: str, tongue: str, expected: list[list[str]]) -> None:
    assert words(text, tongue) == expected


@pytest.mark.parametrize(
    ("listing", "profile"),
    [
        (Listing(title="Dog bed"), "title_en"),
        (Listing(title="Dog bed", description="Soft.", brand="Acme"), "short_en"),
        (Listing(title="Dog bed", description="Soft. " * 100, marketplace="EBAY"), "listing_en"),
        (Listing(title="Dog bed", description="You can wash your cushion."), "short_en"),
        (Listing(title="On beds", description="We study results of our method."), "document_en"),
    ],
)
def test_the_profile_follows_from_what_the_listing_holds(listing: Listing, profile: str) -> None:
    assert profile_of(listing, "en") == profile


def test_a_number_is_not_parted_from_its_unit() -> None:
    found = read(KeywordRequest(Listing(title="Oak Shelf 150 cm Wide"))).pool.found.values()
    texts = {one.text for one in found}
    assert "Shelf 150 cm" in texts
    assert "Shelf 150" not in texts
