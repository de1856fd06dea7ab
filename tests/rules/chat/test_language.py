import pytest

from gateway.rules.chat import detect_language

SENTENCES = [
    ("where did you put my parcel", "en"),
    ("wo ist mein Paket geblieben", "de"),
    ("je n'ai pas reçu mon colis", "fr"),
    ("no he recibido mi paquete", "es"),
    ("包裹还没有收到", "zh"),
    ("荷物が届きません", "ja"),
    ("領収書希望", "ja"),
    ("Größe zu klein", "de"),
    ("¿cuánto cuesta?", "es"),
]


@pytest.mark.parametrize(("text", "language"), SENTENCES)
def test_a_sentence_tells_its_language(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_what_tells_nothing_takes_the_callers_language() -> None:
    assert detect_language("113-4567890-1234567", "de-AT") == "de"
    assert detect_language("???", "xx") == "en"
    assert detect_language("返品方法", "ja-JP") == "ja"


def test_the_text_wins_over_the_callers_language() -> None:
    assert detect_language("where is my order", "de") == "en"
