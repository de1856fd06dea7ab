"""Links and e-mail addresses of a text, and which of them an answer may show."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

MAX_CHARACTERS = 60_000
_TLDS = (
    "com|net|org|io|cn|de|fr|es|jp|uk|eu|info|biz|shop|store|online|site|xyz|top|app|dev|cc|tv|link"
    "|live|click|vip|ru|br|nl|ca|au|hk|tw|kr|sg|example|test|invalid|ai|gg|ly|to|me|co|pro|club|win"
)
_STOP = r"\s<>\"'`()（）\[\]【】「」『』，。；！？、"
# What customers write is read on the event loop: every run that may fail is bounded, or begins at
# one place only, so that time is linear in the text.
_URL = re.compile(
    rf"(?:[a-z][a-z0-9+.-]{{0,30}}://|www\.)([^{_STOP}/?#:,;!]+)[^{_STOP}]*", re.IGNORECASE
)
_BARE = re.compile(
    rf"(?<![a-z0-9_@.-])((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_TLDS}))(?![a-z0-9_-])(?!\.[a-z0-9])",
    re.IGNORECASE,
)
_PATH = re.compile(
    r"(?<![a-z0-9_@./-])((?:[a-z0-9_-]+\.)+[a-z]{2,24})/[a-z0-9_%?=&.-]+", re.IGNORECASE
)
_MAIL = re.compile(r"[a-z0-9_.+-]{1,64}@([a-z0-9_-]+(?:\.[a-z0-9_-]+)+)", re.IGNORECASE)
_ODD_DOTS = re.compile(r"(?:(?<!\s)\s+)?(?:\[\.\]|\(\.\)|\[dot\]|\(dot\))\s*", re.IGNORECASE)

_HINT = re.compile(r"@|://|www\.|\.[a-z0-9_-]|[\[(](?:\.|dot)[\])]", re.IGNORECASE)
"""Every link and address holds one of these; most sentences do not."""
_DOTTED = re.compile(r"\.[A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Links:
    """Host names and e-mail addresses, in lower case."""

    hosts: frozenset[str] = frozenset()
    mails: frozenset[str] = frozenset()

    def __or__(self, other: "Links") -> "Links":
        """Both together."""
        return Links(self.hosts | other.hosts, self.mails | other.mails)


NO_LINKS = Links()


def links_in(text: str) -> Links:
    """The links and addresses of a text."""
    plain = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS])
    return _links(plain) if may_hold_links(plain) else NO_LINKS


def may_hold_links(plain: str) -> bool:
    """Whether a text in normal form holds what every link and address holds."""
    if not plain.isascii() or "[" in plain or "(" in plain:
        return bool(_HINT.search(plain))
    # the same for plain English, with searches for constants, which cost a tenth
    dotted = _DOTTED.search(plain) is not None or "www." in plain.lower()
    return dotted or "@" in plain or "://" in plain


def holds_no_links(text: str) -> bool:
    """Whether neither the text nor any part of it holds a link or an address; cheap."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return len(text) <= MAX_CHARACTERS and not may_hold_links(plain)


@lru_cache(maxsize=256)
def _links(plain: str) -> Links:
    plain = _ODD_DOTS.sub(".", plain)
    mails = {match.group().rstrip(".").lower() for match in _MAIL.finditer(plain)}
    rest = _MAIL.sub(" ", plain)
    hosts = {_host(m.group(1)) for found in (_URL, _BARE, _PATH) for m in found.finditer(rest)}
    return Links(frozenset(hosts - {""}), frozenset(mails))


def whole_links(value: Any) -> Links:  # noqa: ANN401 # any JSON
    """The links of a tool's result that are a field's whole value.

    One inside a longer text may have been written there by anybody: a buyer's note, a review.
    """
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        found = Links()
        for item in value:
            found = found | whole_links(item)
        return found
    if not isinstance(value, str) or not (_URL.fullmatch(value) or _MAIL.fullmatch(value)):
        return Links()
    return links_in(value)


def foreign_links(text: str, allowed: Links, domains: Iterable[str] = ()) -> tuple[str, ...]:
    """The links and addresses of an answer that are not allowed.

    `domains`: allowed with everything below them, for links and addresses.
    """
    found = links_in(text)
    if found is NO_LINKS:
        return ()
    named = tuple(domain.lower() for domain in domains)
    foreign = [host for host in found.hosts - allowed.hosts if not _below(host, named)]
    foreign += [m for m in found.mails - allowed.mails if not _below(m.rpartition("@")[2], named)]
    return tuple(sorted(foreign))


def _below(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in domains)


def _host(raw: str) -> str:
    return raw.rpartition("@")[2].rstrip(".").lower().removeprefix("www.")
