"""Numbers and months as words, in the languages of the shop."""

import re
import string
from collections.abc import Iterable

MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "january jan januar jänner janvier janv enero ene",
            "february feb februar février fevrier févr febrero",
            "march mar märz maerz mars marzo",
            "april apr avril avr abril abr",
            "may mai mayo",
            "june jun juni juin junio",
            "july jul juli juillet juil julio",
            "august aug août aout agosto ago",
            "september sept sep septembre septiembre",
            "october oct oktober okt octobre octubre",
            "november nov novembre noviembre",
            "december dec dezember dez décembre decembre déc diciembre dic",
        ),
        start=1,
    )
    for name in names.split()
}

_WORDS = {
    2: "two zwei deux dos",
    3: "three drei trois tres",
    4: "four vier quatre cuatro",
    5: "five fünf fuenf cinq cinco",
    6: "six sechs seis",
    7: "seven sieben sept siete",
    8: "eight acht huit ocho",
    9: "nine neun neuf nueve",
    10: "ten zehn dix diez",
    11: "eleven elf onze once",
    12: "twelve zwölf zwoelf douze doce",
    14: "fourteen vierzehn quatorze catorce",
    15: "fifteen fünfzehn quinze quince",
    20: "twenty zwanzig vingt veinte",
    21: "twenty-one einundzwanzig",
    24: "twenty-four vierundzwanzig vingt-quatre veinticuatro",
    30: "thirty dreißig dreissig trente treinta",
    40: "forty vierzig quarante cuarenta",
    45: "forty-five fünfundvierzig quarante-cinq",
    48: "forty-eight achtundvierzig quarante-huit",
    50: "fifty fünfzig cinquante cincuenta",
    60: "sixty sechzig soixante sesenta",
    90: "ninety neunzig quatre-vingt-dix noventa",
    100: "hundred hundert cent cien",
}
NUMBER_WORDS = {word: str(value) for value, words in _WORDS.items() for word in words.split()}

_UNITS = (
    "days?|weeks?|months?|years?|hours?|minutes?|dollars?|euros?|pounds?|percent"
    "|tage?n?|werktage?n?|arbeitstage?n?|wochen?|monate?n?|jahre?n?|stunden?|minuten|prozent"
    "|jours?|semaines?|mois|ans?|années?|heures?|pour cent"
    "|d[ií]as?|semanas?|mes(?:es)?|años?|horas?|minutos?|euros|por ciento"
)
_BETWEEN = r"(?:\s+(?:business|working|calendar|full|whole|more|ganze|volle|jours))?\s+"
COUNTED = re.compile(
    rf"\b({'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True))}){_BETWEEN}(?:{_UNITS})\b"
)
"""A number word before a unit: "seven working days". Without a unit it is hardly a figure."""

_DIGITS = dict(
    zip("零〇一二两兩三四五六七八九", (0, 0, 1, 2, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_SCALES = {"十": 10, "百": 100, "千": 1_000}
_BIG = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
HAN_NUMERALS = "".join((*_DIGITS, *_SCALES, *_BIG))
_HAN_UNITS = (
    "年|月|日|号|號|天|周|週|星期|小时|小時|时间|分钟|分鐘|元|块钱|块|塊|美元|欧元|円|折|倍|%|"
    "工作日|个工作日|個工作日|个自然日|个月|個月|か月|ヶ月|週間|日間|時間|営業日|个小时|個小時"
)
HAN_COUNTED = re.compile(
    rf"(?:百分之|第)?([{HAN_NUMERALS}]{{1,32}}+)(?=\s*(?:{_HAN_UNITS}))"
    rf"|百分之([{HAN_NUMERALS}]{{1,32}})"
)
"""Chinese numerals before a unit, or after 百分之.

No number is longer than 32 of them: what is read on the event loop must cost linear time.
"""


def han_number(text: str) -> int:
    """The value of Chinese numerals: 三十五 is 35, 二〇二六 is 2026, 两万 is 20,000."""
    if not any(c in _SCALES or c in _BIG for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total = part = digit = 0
    for c in text:
        if c in _DIGITS:
            digit = _DIGITS[c]
        elif c in _SCALES:
            part += (digit or 1) * _SCALES[c]
            digit = 0
        else:
            total = (total + part + digit) * _BIG[c] if total + part + digit else _BIG[c]
            part = digit = 0
    return total + part + digit


_RUN = re.compile(r"[^\W\d_]+")
_TO_SPACE = str.maketrans(
    dict.fromkeys((c for c in map(chr, range(128)) if c not in string.ascii_letters), " ")
)


def letter_runs(text: str) -> Iterable[str]:
    """Runs of letters: every word that stands between edges of words is one, or starts with one."""
    return text.translate(_TO_SPACE).split() if text.isascii() else _RUN.findall(text)
