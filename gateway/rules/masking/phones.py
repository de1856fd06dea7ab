"""Telephone numbers: international ones, and national ones of the marketplaces' countries."""

import re

from gateway.rules.masking.kinds import Finder, Kind

_WORD = (
    r"(?i:\b(?:tel(?:ephone|efon|efono|éfono|efone|éphone|p)?|phone|mobile|mobil(?:e|nummer)?|cell"
    r"|celular|cellulare|cel|m[óo]vil|portable|handy|rufnummer|call me (?:at|on)|reach me (?:at|on)"
    r"|text me (?:at|on)|whats ?app|zalo|viber|hp|no\.? hp|nomor hp|sđt|sdt|số điện thoại|điện thoại)\b"
    r"|电话|手机|联系方式|号码|電話|携帯|連絡先|โทรศัพท์|โทร|เบอร์)"
)
_HINTS = (
    *("tel", "phone", "mobil", "cel", "móvil", "movil", "portable", "handy", "rufnummer", "me at"),
    *(
        "me on",
        "whats",
        "zalo",
        "viber",
        "hp",
        "sđt",
        "sdt",
        "điện thoại",
        "电话",
        "手机",
        "联系方式",
    ),
    *("号码", "電話", "携帯", "連絡先", "โทร", "เบอร์"),
)
_BETWEEN = (
    r"(?i:\.?[ ]?(?:number|no\.?|nr\.?|nummer|n°|nº|número|numéro|号码|号|番号|saya)?[ ]{0,2}"
    r"(?:is|ist|est|es|è|é|là|は|是|为|:|：|=)?[ ]{0,2})"
)
_DASH = r"[-‐‑–－ー]"

PATTERNS = (
    # international: +81 90-1417-7763, +33 6 60 42 30 41, +33 (0)6 ..., 0044 ...
    r"(?<![\d+])(?:\+|00|＋)[1-9]\d{0,2}[ .-]?(?:\(\d{1,4}\)[ -]?)?\d(?:[ ./-]?\d){6,11}(?!\d)",
    # mainland China: 138 1234 5678, 138-1234-5678, 86 138...
    r"(?<![\d.-])(?:86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![\d-]|\.\d)",
    # North America: (971) 246-5634, 888-899-4742, 888.899.4742
    r"(?<![\d.-])(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])\d{3}[ .-]\d{4}(?![\d-]|\.\d)",
    # Brazil: (11) 91234-5678, 11 91234-5678; Mexico: (55) 1234-5678, 55 1234 5678
    r"(?<![\d.-])\([1-9]\d\) ?9?\d{4}[ -]\d{4}(?![\d-])",
    r"(?<![\d.-])[1-9]\d 9\d{4}-\d{4}(?![\d-])",
    r"(?<![\d.-])(?:55|56|33|81) \d{4}[ -]\d{4}(?![\d-])",
    # France, in pairs: 06 12 34 56 78, 06.12.34.56.78, 06-12-34-56-78
    r"(?<![\d.-])0[1-9](?:([ .-])\d{2})(?:\1\d{2}){3}(?!\d)",
    # Spain: 612 34 56 78, 612 345 678; Italy: 347 123 4567, 347 1234567
    r"(?<![\d.,-])[6-9]\d{2}(?: \d{2}){3}(?![\d.,-])",
    r"(?<![\d.,-])[679]\d{2} \d{3} \d{3}(?! ?\d|[.,-]\d)",
    r"(?<![\d.,-])3[2-9]\d[ -]\d{3} ?\d{3,4}(?![\d-]|[.,]\d)",
    # with the leading zero: 07683 873806, 03-1234-5678, (030) 1234567, 0812-3456-7890, 020 7946 0958
    r"(?<![\d.-])\(0\d{1,4}\)[ ]?\d{3,4}(?:[ -]?\d{3,4})?(?:[ -]?\d{1,4})?(?![\d-])",
    rf"(?<![\d.-])0\d{{1,4}}(?:[ /]|{_DASH})\d{{2,4}}(?:[ ]|{_DASH})?\d{{3,5}}(?:[ -]\d{{2,5}})?(?![\d-])",
    r"(?<![\w#.-])(?:0[1-9]\d{8,9}|08\d{9,11})(?![\w-]|\.\d)",
)
_BESIDE_A_WORD = rf"{_WORD}{_BETWEEN}(?P<v>[+＋]?\(?\d(?:[ ().-]{{0,2}}\d){{6,14}})(?![\d-])"

FINDERS = (
    *(Finder(Kind.PHONE, re.compile(p), least_digits=7) for p in PATTERNS),
    Finder(Kind.PHONE, re.compile(_BESIDE_A_WORD), least_digits=7, words=_HINTS),
)
