"""Check digits: what tells a number from any other of its length. Each gives the value's length."""

import re
from collections.abc import Callable


def digits_of(candidate: str) -> str:
    """The decimal digits alone; full-width ones, too."""
    return "".join(str(int(c)) for c in candidate if c.isdecimal())


def whole(valid: Callable[[str], bool]) -> Callable[[str], int]:
    """A check of the letters and digits of a candidate, separators left out."""

    def holds(candidate: str) -> int:
        plain = re.sub(r"[\W_]", "", candidate).upper()
        return len(candidate) if valid(plain) else 0

    return holds


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 # a decimal digit
    return total % 10 == 0


def weighted(digits: str, weights: tuple[int, ...]) -> int:
    """The sum of digits times weights."""
    return sum(int(d) * w for d, w in zip(digits, weights, strict=False))


_CN_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))


def is_cn_id(plain: str) -> bool:
    """GB 11643-1999: ISO 7064 MOD 11-2 over 17 digits."""
    if not re.fullmatch(r"\d{17}[\dX]", plain):
        return False
    return "10X98765432"[weighted(plain[:17], _CN_WEIGHTS) % 11] == plain[17]


_IBANS = {
    15: "NO",
    16: "BE",
    18: "DK FI NL",
    19: "MK SI",
    20: "AT BA EE KZ LT LU",
    21: "CH HR LI LV",
    22: "BG DE GB IE ME RS",
    23: "AE IL",
    24: "AD CZ ES MD PK RO SA SE SK TN",
    25: "PT",
    26: "IS TR",
    27: "FR GR IT MC SM",
    28: "AL AZ CY DO GT HU LB PL",
    29: "BR PS QA UA",
    30: "KW MU",
    31: "MT",
}
_IBAN_LENGTHS = {country: size for size, named in _IBANS.items() for country in named.split()}


def iban(candidate: str) -> int:
    """The country's length, then ISO 7064 MOD 97-10; a word that follows is cut off."""
    wanted = _IBAN_LENGTHS.get(candidate[:2].upper(), 0)
    plain, length = "", 0
    for length, letter in enumerate(candidate, start=1):  # noqa: B007 # used after the loop
        plain += "" if letter in " -" else letter
        if len(plain) == wanted:
            break
    if not wanted or len(plain) != wanted:
        return 0
    turned = plain[4:] + plain[:4]
    return length if int("".join(str(int(c, 36)) for c in turned)) % 97 == 1 else 0


MOST_CARD_DIGITS = 19
LEAST_CARD_DIGITS = 13


def card(candidate: str) -> int:
    """The longest start of 13 to 19 digits that Luhn's check digit confirms and no digit follows.

    What follows a card in a text is often a date, which a pattern cannot tell from the card.
    """
    digits, found = "", 0
    for place, letter in enumerate(candidate, start=1):
        if not letter.isdecimal():
            continue
        digits += str(int(letter))
        if len(digits) > MOST_CARD_DIGITS:
            break
        ends = place == len(candidate) or not candidate[place].isdecimal()
        if ends and len(digits) >= LEAST_CARD_DIGITS and luhn(digits) and len(set(digits)) > 1:
            found = place
    return found
