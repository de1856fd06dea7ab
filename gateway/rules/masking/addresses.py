"""Postal addresses: a street with its number, and what follows of place and post code.

Each country's own form, and in every language the line after a word for an address.
"""

import re
from itertools import pairwise

from gateway.rules.masking.kinds import Finder, Kind, always

_HAN = r"\u4e00-\u9fff"
_NO_PLACE = sorted("址是在到寄送住给的")
_PLACE = "".join(
    f"{chr(ord(first) + 1)}-{chr(ord(after) - 1)}"
    for first, after in pairwise(("\u4dff", *_NO_PLACE, "\ua000"))
)
"""Characters of Chinese place names: all but those that end the words before an address.

As ranges: 20,000 characters one by one take the pattern's compiler 50 ms.
"""
_CHINESE = (  # 广东省深圳市南山区科技园南路12号A座1801
    rf"[{_PLACE}][{_PLACE}\d]{{3,30}}?(?:路|街|道|巷|弄|村|里|园|城|苑|胡同)[{_HAN}]{{0,6}}\d{{1,5}}"
    rf"(?:号|弄|栋|幢|座)(?:[A-Za-z\d-]{{0,5}}(?:号楼|号|院|栋|幢|座|单元|楼|层|室)){{0,4}}[A-Za-z\d-]{{0,6}}"
    rf"(?:[{_HAN}]{{2,6}}(?:大厦|广场|中心|花园|小区|公寓|大楼|酒店))?"
)
_JAPANESE = (  # 〒150-0001 東京都渋谷区神宮前1-2-3 青山マンション101
    rf"(?:〒?\d{{3}}[-－]\d{{4}}[ 　]?)?(?:東京都|北海道|(?:京都|大阪)府|[{_HAN}]{{2,3}}県)"
    rf"[{_HAN}ぁ-んァ-ヶー]{{1,12}}?[市区町村郡][{_HAN}ぁ-んァ-ヶー]{{0,14}}?\d{{1,4}}"
    r"(?:(?:[-－−]|丁目|番地?|号)\d{0,4}){0,4}(?:[ 　]?[ァ-ヶー一-龠A-Za-z]{2,15}\d{1,4}号?室?)?"
)
_THAI = r"\d{1,4}(?:/\d{1,4})?[ ]?(?:หมู่[ ]?\d+[ ]?)?(?:ซอย|ถนน|ถ\.)[^\n,]{2,60}?\d{5}"
_STREET = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Way|Court|Ct|Place|Pl"
    r"|Square|Sq|Terrace|Close|Crescent|Gardens|Mews|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Trail)\b\.?"
)
_LETTERS = r"(?:[^\W\d_]|['’.-])"
_STREETS = (
    *("street", " st", "ave", "road", " rd", "lane", " ln", "drive", " dr", "boulevard", "blvd"),
    *(" way", "court", " ct", "place", " pl", "square", " sq", "terrace", "close", "crescent"),
    *("gardens", "mews", "parkway", "pkwy", "highway", "hwy", "circle", " cir", "trail"),
)
_TOWN = (
    rf"[A-ZÀ-ÞĐ]{_LETTERS}{{1,20}}(?!\d)"
    rf"(?: (?:[A-ZÀ-ÞĐ]|d[aeo]s? |de la ){_LETTERS}{{0,20}}(?!\d|{_LETTERS})){{0,3}}"
)
_ENGLISH = (
    # 1600 Pennsylvania Ave NW, Washington, DC 20500; Flat 2, 221B Baker Street, London NW1 6XE
    r"(?:(?:Flat|Unit|Apt\.?|Suite|Blk|Block) ?[\w-]{1,6},? )?"
    rf"(?<![\dA-Za-z.])\d{{1,5}}[A-Za-z]? (?:[A-Z\d][A-Za-z\d'.-]{{0,20}} ){{1,4}}?{_STREET}"
    r"(?: \d{1,2}\b)?(?: [NS]?[EW]\b| [NS]\b)?"
    r"(?:,? (?:Apt\.?|Unit|Suite|Ste\.?|#) ?[\w-]{1,8})?"
    r"(?:,? Brgy\.? [A-Z]\w{1,20}(?: [A-Z]\w{1,20})?)?"
    rf"(?:, {_TOWN}){{0,2}}"
    r"(?:,? (?:[A-Z]{2} \d{5}(?:-\d{4})?|(?:[A-Z][a-z]+ )?[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}"
    r"|(?:Singapore )?\d{4,6}))?"
)
_GERMAN = (
    # Musterstraße 12, 10115 Berlin; Lange Straße 5a, 20095 Hamburg; Am Markt 3, 04109 Leipzig
    r"(?:(?:[A-ZÄÖÜ][a-zäöüß]{1,20}[ -]){0,3}(?:Straße|Strasse|Str\.|Weg|Platz|Allee|Gasse|Ring|Damm|Ufer)"
    r"|[A-ZÄÖÜ][A-Za-zäöüß-]{1,30}(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|damm|ufer|hof|berg)"
    r"|(?:Am|An der|An den|Auf der|Auf dem|Im|In der|Zum|Zur) [A-ZÄÖÜ][a-zäöüß]{2,20}(?= \d))"
    r" ?\d{1,4} ?[a-z]?\b(?:, ?(?:D-)?\d{5} [A-ZÄÖÜ][A-Za-zäöüß./-]{1,30}(?: am [A-Z][a-z]+)?)?"
)
_FRENCH = (
    # 12 rue de la Paix, 75002 Paris; 5 bis, avenue Foch 75116 Paris
    r"(?<!\d)\d{1,4}(?: ?bis| ?ter)?,? (?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Bb]d|[Pp]lace|[Cc]hemin|[Aa]llée"
    r"|[Qq]uai|[Ii]mpasse|[Rr]oute|[Cc]ours) [\w'’-]{1,20}(?: [\w'’-]{1,20}){0,4}?"
    r"(?:,? \d{5} [A-ZÉÎ][\w'’-]{1,25}(?: [A-ZÉ][\w'’-]+)?|(?=[,.;\n]|$))"
)
_SPANISH = (
    # Calle Mayor 12, 3º B, 28013 Madrid; Av. Insurgentes Sur 1602, Col. Roma, C.P. 03940, CDMX
    r"\b(?:[Cc]alle|C/|[Aa]venida|Avda?\.|Av\.|[Pp]laza|Pza\.|[Pp]aseo|P\.º|[Cc]amino|[Cc]arretera|Blvd\.)"
    r" ?(?:de(?:l)? |de la |de los )?[A-ZÁÉÍÓÚÑ][\w'.-]{1,20}(?: [\w'.-]{1,20}){0,4}?,? (?:n\.?º ?|No\. |#)?\d{1,5}"
    r"(?:, ?(?:\d{1,2}[º°ª] ?\w{0,4}|[Pp]iso \d+|[Ii]nt\.? \w+|[Dd]epto\.? \w+))?"
    rf"(?:, ?(?:Col\.|Colonia) {_TOWN})?(?:, ?(?:C\.?P\.? ?)?\d{{5}})?(?:,? {_TOWN})?"
)
_ITALIAN = (
    # Via Roma 12, 20121 Milano (MI); Piazza del Duomo, 3
    r"\b(?:[Vv]ia|[Vv]iale|[Pp]iazza|P\.zza|[Cc]orso|C\.so|[Ll]argo|[Vv]icolo)(?: (?:d[aei]l?l?a?|de[il]|degli))?"
    r" [A-Z][\w'’.-]{1,20}(?: [A-Z][\w'’.-]{1,20}){0,3},? (?:n\. ?)?\d{1,4}(?:/?[A-Za-z])?\b"
    rf"(?:,? \d{{5}} {_TOWN}(?: \([A-Z]{{2}}\))?)?"
)
_PORTUGUESE_TAIL = (
    r" (?:d[aeo]s? )?[A-ZÀ-Þ][\w'.-]{1,20}(?: [\w'.-]{1,20}){0,4}?,? (?:n[º°.]? ?)?\d{1,5}\b"
    r"(?:,? (?:apto?\.?|bloco|casa|sala) ?\w{1,5})?"
    rf"(?:(?:, | - ){_TOWN}){{0,3}}"
)
_STATE = r"(?:[ -]|/|, ){1,3}[A-Z]{2}\b"
_CEP = r",? (?:CEP:? ?)?\d{5}-\d{3}"
_BRAZILIAN = (
    # Rua das Flores, 123, apto 45, Centro, São Paulo - SP, 01310-100; an avenue may be Spanish
    rf"\b(?:(?:[Rr]ua|R\.|[Tt]ravessa|[Aa]lameda|[Ee]strada|[Rr]odovia){_PORTUGUESE_TAIL}"
    rf"(?:{_STATE})?(?:{_CEP})?|(?:[Aa]venida|Av\.){_PORTUGUESE_TAIL}(?:{_STATE}(?:{_CEP})?|{_CEP}))"
)
_MALAY = (
    # No. 12, Jalan Ampang, 50450 Kuala Lumpur; Jl. Sudirman No. 12, Jakarta Selatan 12190
    r"(?:\bNo\.? ?\d{1,4}[A-Z]?,? )?\b(?:Jalan|Jl\.?|Jln\.?|Lorong|Persiaran|Gang) [A-Z][\w'.-]{1,20}"
    r"(?: [A-Z\d][\w'./-]{0,20}){0,4}?,?(?: (?:No\.? ?|Kav\.? ?)\d{1,4}\w?)?"
    rf"(?:, (?:{_TOWN}|RT ?\d+/RW ?\d+)){{0,2}}(?:,? \d{{5}}(?: {_TOWN})?)"
)
_SINGAPOREAN = (
    # Blk 123 Ang Mo Kio Ave 3 #05-678 Singapore 560123
    r"\b(?:Blk|Block) \d{1,4}[A-Z]? [A-Z][\w ]{2,40}?(?: #\d{1,2}-\d{1,4})?,? (?:Singapore|S) ?\(?\d{6}\)?"
)
_VIETNAMESE = (
    # 12 Nguyễn Huệ, Phường Bến Nghé, Quận 1, TP.HCM; số 5 đường Lê Lợi, phường 4, Đà Nẵng
    r"(?:[Ss]ố )?\d{1,4}(?:/\d{1,4}){0,3} (?:đường |phố )?[A-ZĐÀ-Ỹ]\w{0,8}(?: [A-ZĐÀ-Ỹ]\w{0,8}){1,3}, "
    r"(?:[Pp]hường|[Qq]uận|[Xx]ã|P\.|Q\.)[^\n;]{1,60}"
)
_WORD = (
    r"(?i:\b(?:(?:(?:shipping|delivery|billing|home|mailing|my) )?address|ship(?:ped)? to|deliver(?:ed)? to"
    r"|(?:liefer|rechnungs)?(?:adresse|anschrift)|direcci[óo]n(?: de env[íi]o)?|domicilio|indirizzo"
    r"|endere[çc]o|alamat|địa chỉ)|收货地址|收件地址|地址|お届け先|送り先|住所|ที่อยู่)"
    r"(?:(?: is| ist| est| es| é| è)?[ ]?[:：]| is )[ ]{0,2}"
)

_HINTS = (
    *("address", "ship", "deliver", "adresse", "anschrift", "direcci", "domicilio", "indirizzo"),
    *("ndere", "alamat", "địa chỉ", "地址", "お届け先", "送り先", "住所", "ที่อยู่"),
)


def _line(candidate: str) -> int:
    """A line after a word for an address: it holds a number, or is none."""
    return len(candidate.rstrip(" ,.，。")) if any(c.isdecimal() for c in candidate) else 0


def _chinese(candidate: str) -> int:
    """A street and number inside a named city, county or district."""
    return len(candidate) if re.search("[省市区县镇乡]", candidate) else 0


def _finder(pattern: str, *words: str) -> Finder:
    return Finder(Kind.ADDRESS, re.compile(pattern), always, 1, words)


FINDERS = (
    Finder(Kind.ADDRESS, re.compile(_CHINESE), _chinese, 1),
    _finder(_JAPANESE, "都", "道", "府", "県"),
    _finder(_THAI, "ถนน", "ซอย", "ถ."),
    _finder(_SINGAPOREAN, "blk", "block"),
    _finder(_ENGLISH, *_STREETS),
    _finder(
        _GERMAN,
        *("stra", "str.", "weg", "platz", "allee", "gasse", "ring", "damm", "ufer", "hof"),
        *("berg", "am ", "an de", "auf de", "im ", "in der", "zum ", "zur "),
    ),
    _finder(
        _FRENCH,
        "rue",
        "avenue",
        "boulevard",
        "bd ",
        "place",
        "chemin",
        "allée",
        "quai",
        "impasse",
        "route",
        "cours",
    ),
    _finder(
        _BRAZILIAN, "rua ", "r. ", "avenida", "av.", "travessa", "alameda", "estrada", "rodovia"
    ),
    _finder(
        _SPANISH,
        "calle",
        "c/",
        "avenida",
        "av",
        "plaza",
        "pza",
        "paseo",
        "p.º",
        "camino",
        "carretera",
        "blvd",
    ),
    _finder(_ITALIAN, "via", "piazza", "p.zza", "corso", "c.so", "largo", "vicolo"),
    _finder(_MALAY, "jalan", "jl", "lorong", "persiaran", "gang"),
    Finder(Kind.ADDRESS, re.compile(_VIETNAMESE), _line, 1, ("phường", "quận", "xã", "p.", "q.")),
    Finder(Kind.ADDRESS, re.compile(rf"{_WORD}(?P<v>[^\n;。；|]{{8,140}})"), _line, 1, _HINTS),
)
