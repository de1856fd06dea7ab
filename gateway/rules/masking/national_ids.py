"""National ids of the marketplaces' countries, by their form and their check digit.

Ids that are plain digits with a weak check, or none, count only beside a word for them: an order
number may look the same.
"""

import re

from gateway.rules.masking.checks import digits_of, is_cn_id, weighted, whole
from gateway.rules.masking.kinds import Finder, Kind

# ---- checks over the plain letters and digits


def _cpf(plain: str) -> bool:
    """Brazil, Receita Federal: two check digits, modulo 11."""
    if not re.fullmatch(r"\d{11}", plain) or len(set(plain)) == 1:
        return False
    for size in (9, 10):
        rest = weighted(plain, tuple(range(size + 1, 1, -1))) * 10 % 11 % 10
        if rest != int(plain[size]):
            return False
    return True


def _dni(plain: str) -> bool:
    """Spain: DNI and NIE; the letter is the number modulo 23."""
    match = re.fullmatch(r"([XYZ]?)(\d{7,8})([A-Z])", plain)
    if not match or len(match[1] + match[2]) != 8:  # noqa: PLR2004 # its length
        return False
    number = int({"X": "0", "Y": "1", "Z": "2", "": ""}[match[1]] + match[2])
    return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] == match[3]


def _codice_fiscale(plain: str) -> bool:
    """Italy: sixteen characters, the last a check letter (D.M. 23/12/1976)."""
    if not re.fullmatch(
        r"[A-Z]{6}[\dLMNP-V]{2}[ABCDEHLMPRST][\dLMNP-V]{2}[A-Z][\dLMNP-V]{3}[A-Z]", plain
    ):
        return False
    odd = (
        1,
        0,
        5,
        7,
        9,
        13,
        15,
        17,
        19,
        21,
        2,
        4,
        18,
        20,
        11,
        3,
        6,
        8,
        12,
        14,
        16,
        10,
        22,
        25,
        24,
        23,
    )
    total = 0
    for place, letter in enumerate(plain[:15]):
        value = int(letter) if letter.isdecimal() else ord(letter) - ord("A")
        total += odd[value] if place % 2 == 0 else value
    return chr(total % 26 + ord("A")) == plain[15]


def _nir(plain: str) -> bool:
    """France, INSEE: the key is 97 minus the number modulo 97; Corsica's 2A and 2B are 19 and 18."""
    if not re.fullmatch(r"[12]\d{4}(?:\d\d|2[AB])\d{8}", plain):
        return False
    number = plain[:13].replace("2A", "19").replace("2B", "18")
    return 97 - int(number) % 97 == int(plain[13:])


def _steuer_id(plain: str) -> bool:
    """Germany, tax id: ISO 7064 MOD 11,10."""
    if not re.fullmatch(r"[1-9]\d{10}", plain):
        return False
    product = 10
    for digit in plain[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(plain[10])


def _my_number(plain: str) -> bool:
    """Japan, individual number: modulo 11 (Ministry ordinance 85 of 2014)."""
    if not re.fullmatch(r"\d{12}", plain):
        return False
    rest = weighted(plain, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest <= 1 else 11 - rest) == int(plain[11])


def _nric(plain: str) -> bool:
    """Singapore: NRIC and FIN; the letter is a weighted sum modulo 11."""
    if not re.fullmatch(r"[STFGM]\d{7}[A-Z]", plain):
        return False
    total = weighted(plain[1:8], (2, 7, 6, 5, 4, 3, 2))
    total += {"S": 0, "T": 4, "F": 0, "G": 4, "M": 3}[plain[0]]
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK"}
    return letters.get(plain[0], "XWUTRQPNJLK")[total % 11] == plain[8]


def _thai(plain: str) -> bool:
    """Thailand: modulo 11 over twelve digits."""
    if not re.fullmatch(r"[1-8]\d{12}", plain):
        return False
    return (11 - weighted(plain, tuple(range(13, 1, -1))) % 11) % 10 == int(plain[12])


def _ssn(plain: str) -> bool:
    """United States: no area 000, 666 or 9xx, no group 00, no serial 0000."""
    return bool(re.fullmatch(r"(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}", plain))


def _curp(plain: str) -> bool:
    """Mexico, CURP: the last digit is a weighted sum modulo 10 (RENAPO)."""
    if not re.fullmatch(r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]\d", plain):
        return False
    alphabet = "0123456789ABCDEFGHIJKLMN#OPQRSTUVWXYZ"
    total = sum(alphabet.index(c) * (18 - place) for place, c in enumerate(plain[:17]))
    return (10 - total % 10) % 10 == int(plain[17])


def _birth_day(day: str, month: str) -> bool:
    return 1 <= int(day) <= 31 and 1 <= int(month) <= 12  # noqa: PLR2004 # the calendar's


def _nik(plain: str) -> bool:
    """Indonesia: province, then the birth date with 40 added to women's days."""
    if not re.fullmatch(r"[1-9]\d{15}", plain):
        return False
    day = int(plain[6:8])
    return _birth_day(str(day - 40 if day > 40 else day), plain[8:10])  # noqa: PLR2004 # by law


def _mykad(plain: str) -> bool:
    """Malaysia: birth date, place of birth, serial."""
    return bool(re.fullmatch(r"\d{12}", plain)) and _birth_day(plain[4:6], plain[2:4])


def _twelve(plain: str) -> bool:
    """Vietnam, citizen id: province 001 to 096, century and sex, year."""
    return bool(re.fullmatch(r"0\d{2}[0-3]\d{8}", plain)) and 1 <= int(plain[:3]) <= 96  # noqa: PLR2004


_WHOLE_CHECKS = {
    11: (_cpf, _steuer_id),
    12: (_my_number, _mykad, _twelve),
    13: (_thai,),
    16: (_nik,),
}


def _marked(plain: str) -> bool:
    """Beside its word: digits of a length that has checks must pass one; passports have none."""
    checks = _WHOLE_CHECKS.get(len(plain)) if plain.isdecimal() else None
    if checks:
        return any(check(plain) for check in checks)
    return len(digits_of(plain)) > 1


# ---- where they stand

_WORD = (
    r"(?i:\b(?:id card|identity(?: card| document)?|national id|passport|ssn|social security|national insurance|nino|tax ?id"
    r"|steuer-?id\w*|steuer(?:liche )?identifikations\w*|idnr|personalausweis\w*|ausweis\w*"
    r"|reisepass\w*|num[ée]ro de s[ée]curit[ée] sociale|nir|passeport|cni|dni|nie|pasaporte|c[ée]dula"
    r"|codice fiscale|carta d.identit[àa]|passaporto|cpf|rg|cnh|curp|rfc|ine|nik|ktp|mykad|ic|nric|fin"
    r"|cccd|cmnd|căn cước|umid|sss|tin|philsys)\b"
    r"|身份证|护照|通行证|マイナンバー|個人番号|旅券番号|パスポート|運転免許|บัตรประชาชน|หนังสือเดินทาง)"
    r"(?i:[ -]?(?:card|no\.?|number|num|nr\.?|nummer|n°|nº|número|numero|numéro|号码|号|番号|เลขที่|số))?"
    r"(?i:[ ]?(?:sem pontos|sin puntos))?"
    r"(?i:[ ]{0,2}(?:is|ist|lautet|est|es|è|é|adalah|là|は|が|是|为))?[ ]{0,2}[:：#=]?[ ]{0,2}"
)
"""A word for an id, and what may stand between it and the id."""
_HINTS = (
    *(
        "id card",
        "identity",
        "national",
        "passport",
        "ssn",
        "social",
        "nino",
        "tax",
        "steuer",
        "idnr",
        "ausweis",
    ),
    *(
        "reisepass",
        "curité sociale",
        "nir",
        "passeport",
        "cni",
        "dni",
        "nie",
        "pasaporte",
        "dula",
        "fiscale",
    ),
    *(
        "identit",
        "passaporto",
        "cpf",
        "rg",
        "cnh",
        "curp",
        "rfc",
        "ine",
        "nik",
        "ktp",
        "mykad",
        "ic",
        "fin",
        "cccd",
    ),
    *(
        "cmnd",
        "căn cước",
        "umid",
        "sss",
        "tin",
        "philsys",
        "身份证",
        "护照",
        "通行证",
        "マイナンバー",
        "個人番号",
    ),
    *("旅券番号", "パスポート", "運転免許", "บัตรประชาชน", "หนังสือเดินทาง"),
)


def _id(pattern: str, valid: object = None, least_digits: int = 7) -> Finder:
    holds = whole(valid) if callable(valid) else whole(lambda _: True)
    return Finder(Kind.ID, re.compile(pattern), holds, least_digits)


_FREE, _END = r"(?<![\w.-])", r"(?![\w-])"

BEFORE_CARDS = (
    Finder(
        Kind.CN_ID,
        re.compile(r"(?<![\d-])[1-9]\d{5}[ ]?\d{8}[ ]?\d{3}[\dXx](?![\dA-Za-z-])"),
        whole(is_cn_id),
        17,
    ),
    _id(
        rf"{_FREE}[12][ .]?\d\d[ .]?\d\d[ .]?(?:\d\d|2[AB])[ .]?\d{{3}}[ .]?\d{{3}}[ .]?\d\d{_END}",
        _nir,
        13,
    ),
)
"""Their checks are stronger than a card's."""

FINDERS = (
    # by their form and check digit alone
    _id(rf"{_FREE}\d{{3}}-\d{{2}}-\d{{4}}{_END}", _ssn, 9),
    _id(rf"{_FREE}\d{{3}}\.\d{{3}}\.\d{{3}}-\d{{2}}{_END}", _cpf, 11),
    _id(rf"{_FREE}(?:[XYZxyz]-?)?\d{{7,8}}[- ]?[A-Za-z]{_END}", _dni),
    _id(rf"{_FREE}[A-Za-z]{{6}} ?\w{{5}} ?\w{{5}}{_END}", _codice_fiscale, 4),
    _id(rf"{_FREE}[STFGMstfgm]\d{{7}}[A-Za-z]{_END}", _nric),
    _id(rf"{_FREE}[A-Z]{{4}}\d{{6}}[HMX][A-Z]{{5}}[A-Z\d]\d{_END}", _curp),
    _id(rf"{_FREE}\d-\d{{4}}-\d{{5}}-\d{{2}}-\d{_END}", _thai, 13),
    _id(rf"{_FREE}\d{{6}}-\d{{2}}-\d{{4}}{_END}", _mykad, 12),
    # UK: prefix letters by HMRC's rules
    _id(
        r"(?<![\w-])(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d"
        r" ?[A-D](?![\w-])",
        least_digits=6,
    ),
    # beside a word for them
    Finder(
        Kind.ID,
        re.compile(
            rf"{_WORD}(?P<v>\d(?:[ .-]?\d){{6,17}}(?:-?[A-Za-z])?|(?=[A-Za-z]*\d)[A-Za-z\d]{{6,18}})(?![A-Za-z\d-])"
        ),
        whole(_marked),
        4,
        _HINTS,
    ),
)
"""In the order of trying."""
