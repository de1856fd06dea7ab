"""Tracking numbers of the carriers cross-border sellers use, with their check digits.

Sources: UPU S10-12 (postal items); GS1 general specifications section 7.9 (modulo 10, weights
3 and 1: USPS IMpb, SSCC of DHL Paket); USPS Publication 199; FedEx and UPS developer guides as
collected by the open `tracking_number_data` project; the carriers' own public lookup pages for
formats without a check digit. A format of digits alone is only believed next to a word such as
"tracking" or the carrier's name (`needs_cue`): phone numbers look the same.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass


def _no_check(_: str) -> bool:
    return True


def _ups(code: str) -> bool:
    values = [int(c) if c.isdigit() else (ord(c) - 63) % 10 for c in code[2:]]
    total = sum(v * (2 if i % 2 else 1) for i, v in enumerate(values[:-1]))
    return (10 - total % 10) % 10 == values[-1]


def _s10(code: str) -> bool:
    digits = [int(c) for c in code[2:11]]
    rest = 11 - sum(d * w for d, w in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=False)) % 11
    return {10: 0, 11: 5}.get(rest, rest) == digits[8]


def _mod10(code: str) -> bool:
    digits = [int(c) for c in reversed(code)]
    total = sum(d * (3 if i % 2 == 0 else 1) for i, d in enumerate(digits[1:]))
    return (10 - total % 10) % 10 == digits[0]


def _usps(code: str) -> bool:
    return _mod10(code[8:] if code.startswith("420") and len(code) in (30, 34) else code)


def _fedex_express(code: str) -> bool:
    weights = (3, 1, 7) * 4
    return sum(int(c) * w for c, w in zip(code[:11], weights, strict=False)) % 11 % 10 == int(
        code[11]
    )


def _fedex_ground(code: str) -> bool:
    return _mod10(code[-15:])


def _mod7(code: str) -> bool:
    return int(code[:-1]) % 7 == int(code[-1])


@dataclass(frozen=True, slots=True)
class Carrier:
    """A format of tracking numbers: its shape, its check, and whether it needs a cue word."""

    name: str
    shape: re.Pattern[str]
    check: Callable[[str], bool] = _no_check
    needs_cue: bool = False


def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Z0-9]){pattern}(?![A-Z0-9])")


def _spaced(pattern: str, groups: int) -> str:
    """Let single spaces or dashes stand between the characters of a grouped number."""
    return "[ -]?".join([pattern] * groups)


CARRIERS = (
    Carrier("UPS", _shape(r"1Z[ -]?" + _spaced("[A-Z0-9]", 16)), _ups),
    Carrier("S10 post", _shape(r"[A-Z]{2} ?\d{3} ?\d{3} ?\d{3} ?[A-Z]{2}"), _s10),
    Carrier(
        "USPS", _shape(r"(?:420\d{5}(?:\d{4})?)?9[1-5](?: ?\d){18}(?: ?\d\d)?(?: ?\d{4})?"), _usps
    ),
    Carrier("DHL Paket", _shape(r"00340(?: ?\d){15}"), _mod10),
    Carrier("DHL Express piece", _shape(r"JJ?D\d{16,20}")),
    Carrier("DHL eCommerce", _shape(r"GM\d{16,20}")),
    Carrier("Amazon", _shape(r"TB[ACM]\d{12}")),
    Carrier("SF Express", _shape(r"SF\d{12,13}")),
    Carrier("YunExpress", _shape(r"YT\d{16}")),
    Carrier("YTO", _shape(r"YT\d{13}")),
    Carrier("4PX", _shape(r"4PX\d{13}CN")),
    Carrier("Cainiao", _shape(r"(?:LP|CNG|AP)\d{14}")),
    Carrier("Yanwen", _shape(r"(?:U[A-Z]\d{9}YP|YW[A-Z]{2}\d{9,12}|YWPA\d{10,14})")),
    Carrier("CNE", _shape(r"3A5V\d{9}")),
    Carrier("JD", _shape(r"JD(?:[A-Z]{1,2}|0)?\d{11,13}(?:-\d-\d-?)?")),
    Carrier("J&T", _shape(r"J(?:T|NT|P)[A-Z]{0,2}\d{10,13}")),
    Carrier("Shopee Express", _shape(r"(?:SPX)?(?:MY|SG|TH|PH|VN|ID|TW|BR)\d{11,13}[A-Z]?")),
    Carrier("Ninja Van", _shape(r"NV(?:SG|MY|PH|TH|VN|ID)[A-Z0-9]{9,12}")),
    Carrier("Lazada", _shape(r"LEX[A-Z]{2}\d{8,10}(?:[A-Z]{2})?")),
    Carrier("LaserShip", _shape(r"1LS\d{12,15}(?:-\d)?")),
    Carrier("ZTO", _shape(r"7[358]\d{12}"), needs_cue=True),
    Carrier("STO", _shape(r"77\d{13}"), needs_cue=True),
    Carrier("Yunda", _shape(r"4[36]\d{13}"), needs_cue=True),
    Carrier("FedEx SmartPost", _shape(r"96(?: ?\d){20}"), _fedex_ground),
    Carrier("FedEx Express", _shape(r"\d{4} ?\d{4} ?\d{4}"), _fedex_express, needs_cue=True),
    Carrier("FedEx Ground", _shape(r"\d{15}"), _fedex_ground, needs_cue=True),
    Carrier("Yamato, Sagawa, Japan Post", _shape(r"\d{4}-?\d{4}-?\d{4}"), _mod7, needs_cue=True),
    Carrier("DHL Express", _shape(r"\d{2} ?\d{4} ?\d{4}"), _mod7, needs_cue=True),
)
