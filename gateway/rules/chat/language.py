"""Tells the language of a short message: by script, else by a vote of frequent words."""

import re
import string

from gateway.rules.chat.knowledge import LANGUAGES
from gateway.rules.chat.text import HAN, KANA

_KANA = re.compile(f"[{KANA}]")
_HAN = re.compile(f"[{HAN}]")
_WORD = re.compile(r"[^\W\d_]+")
_JAPANESE_HAN = re.compile("返品|返金|注文|届|発送|配送|領収書|交換|変更|住所|在庫|追跡|価格|円|様")
_LETTERS = {
    "de": "äöüß",
    "fr": "çèêëàâîïôûœù",
    "es": "ñ¿¡íó",
}
_FREQUENT = {
    "en": """
        the is my to i you do can for it of have and a how what when where order not are
        does will this in on with your me item package please get refund return did has
        was thanks hello hi help still been ship delivery shipping would want need there
        any size price if they from an be at or but which why
    """,
    "de": """
        ich und der die das ist mein meine nicht wie kann wann wo ein eine einen
        bestellung zu fur bitte haben sie es mit wird noch paket lieferung artikel mir auf
        den dem von ware zuruck guten hallo danke wurde sind habe im rechnung gibt kommt
        welche was warum wurden geld mochte konnen ihr euch bei oder wenn aber
    """,
    "fr": """
        je le la les de est ma mon mes commande quand ou comment puis un une pour
        livraison pas vous colis et des du en que article retour bonjour merci avez sur il
        ne sont suis recu combien quel quelle votre ce cette au aux avec si mais dans qui
        plus j ai d l n qu
    """,
    "es": """
        el la los de mi mis pedido cuando donde como puedo un una para envio no que es en
        por y se articulo paquete esta hola gracias quiero ha llegado me cuanto hacen
        necesito tienen su del al con si pero hay cual lo le mas tarda llega llego recibi
        factura devolver compra
    """,
}
_VOTED_FOR = {
    word: tuple(language for language, words in _FREQUENT.items() if word in words.split())
    for words in _FREQUENT.values()
    for word in words.split()
}
_TO_SPACE = str.maketrans(
    dict.fromkeys((c for c in map(chr, range(128)) if c not in string.ascii_letters), " ")
)
_PLAIN = str.maketrans("äöüßçèéêëàâîïôûùñíóúáœ", "aousceeeeaaiiouuniouao")


def detect_language(text: str, default: str = "") -> str:
    """Return zh, ja, en, de, fr or es; the default (or else en) when the text does not tell.

    `default` may be a BCP-47 tag; only its first part counts. Han characters alone are Chinese
    unless a Japanese default or Japanese-only words say otherwise.
    """
    fallback = default.partition("-")[0].lower()
    if not text.isascii():
        if _KANA.search(text):
            return "ja"
        if _HAN.search(text):
            return "ja" if fallback == "ja" or _JAPANESE_HAN.search(text) else "zh"
    votes = _votes(text.casefold())
    best = max(
        votes, key=lambda language: (votes[language], language == fallback, language == "en")
    )
    if votes[best] > votes.get(fallback, 0):
        return best
    return fallback if fallback in LANGUAGES else "en"


def _votes(text: str) -> dict[str, float]:
    votes: dict[str, float] = dict.fromkeys(_FREQUENT, 0)
    if text.isascii():
        words = text.translate(_TO_SPACE).split()
    else:
        words = [word.translate(_PLAIN) for word in _WORD.findall(text)]
        for language, letters in _LETTERS.items():
            votes[language] += sum(1.5 for letter in letters if letter in text)
    for word in words:
        for language in _VOTED_FOR.get(word, ()):
            votes[language] += 1
    return votes
