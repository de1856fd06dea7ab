"""Keys, tokens and passwords: by the forms that their makers gave them, or beside their word."""

import re

from gateway.rules.masking.kinds import Finder, Kind

_PREFIXES = (
    *(
        "sk-",
        "xai-",
        "gsk_",
        "hf_",
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
        "glpat-",
    ),
    *("xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-", "npm_", "pypi-", "dop_v1_", "erpgw_"),
    *("shpat_", "shpss_", "shpca_", "shppa_", "sk_live_", "sk_test_", "rk_live_", "whsec_", "SG."),
    *(
        "AKIA",
        "ASIA",
        "LTAI",
        "AIza",
        "ya29.",
        "amzn.mws.",
        "Atza|",
        "Atzr|",
        "AKID",
        "tvly-",
        "r8_",
    ),
)
_WORDS = (
    r"(?:passw(?:or)?d|pwd|passphrase|passcode|secret|api[_ -]?key|access[_ -]?key|private[_ -]?key"
    r"|auth[_ -]?token|access[_ -]?token|refresh[_ -]?token|token|credentials?|passwort|kennwort"
    r"|mot de passe|contraseña|senha|kata sandi|mật khẩu)"
)
_HINTS = (
    *("pass", "pwd", "secret", "key", "token", "credential", "kennwort", "mot de passe"),
    *("contraseña", "senha", "kata sandi", "mật khẩu"),
)
_FOREIGN_HINTS = ("密码", "口令", "密钥", "秘钥", "令牌", "パスワード", "暗証番号", "รหัสผ่าน")
_FOREIGN = r"(?:密码|口令|密钥|秘钥|令牌|パスワード|暗証番号|รหัสผ่าน)"
_HARD = r"(?=[^\s\"'，。]*[\d!@#$%^&*_+=/-])"
"""A word of a language is no password; one with a digit or a sign may be."""


def _any(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in words)


_BY_FORM: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[\s\S]*?-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|[\s\S]*)",
        ("private key",),
    ),
    (r"(?<=://)[^/\s:@]{1,64}:[^/\s@]{1,128}(?=@)", ("://",)),
    (
        rf"(?<![A-Za-z0-9_])(?:{_any(_PREFIXES)})[A-Za-z0-9_.=/+-]{{10,}}",
        tuple(map(str.lower, _PREFIXES)),
    ),
    (r"(?<![A-Za-z0-9_])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]{4,})?", ("eyj",)),
    (
        r"(?i:\b(?:bearer|basic) )(?P<v>[A-Za-z0-9._~+/=-]{16,})",
        ("bearer ", "basic "),
    ),
)
_BESIDE_A_WORD = (
    rf"(?i:{_WORDS}[\w-]{{0,12}}[\"']?(?:\s?[:=：]\s?|\s+(?:is|was|ist|est|es|é|là)\s+))"
    rf"[\"'`]?(?P<v>{_HARD}[^\s\"'`,，。;；]{{4,200}})",
    rf"{_FOREIGN}(?:[是为はคือ:： 　=]{{1,4}})[\"'`]?(?P<v>{_HARD}[!-~]{{4,200}})",
)

FINDERS = (
    *(Finder(Kind.SECRET, re.compile(p), words=words) for p, words in _BY_FORM),
    *(
        Finder(Kind.SECRET, re.compile(p), words=words)
        for p, words in zip(_BESIDE_A_WORD, (_HINTS, _FOREIGN_HINTS), strict=True)
    ),
)
