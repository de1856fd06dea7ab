"""What stands between a model's text and the customer: figures, links, leaks; citations come out.

Text without figures and links passes word by word. A sentence with one is held from there to its
end, checked, and then shown; so nothing unchecked is ever on a screen, and most text comes at once.
The same gate reads whole answers, so that a stream spells exactly what `completed` says.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from gateway.core.errors import UnsafeAnswer
from gateway.core.options import GuardOptions
from gateway.rules.checks import (
    Figures,
    Links,
    foreign_links,
    holds_no_figures,
    holds_no_links,
    unknown_figures,
)
from gateway.tasks.chat.canary import Canary, LeakWatch

MOST_NAMED = 5
"""Figures or links told to a model; more add nothing."""

_SENTENCE = re.compile(r"[。！？；\n]+|[.!?;](?=[\s\[])")
"""The end of a sentence: only where it ends counts, so of a run of dots the last one is enough."""
_NUMBERS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|fifteen|twenty|"
    "thirty|forty|fifty|sixty|ninety|hundred|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|"
    "deux|trois|quatre|cinq|sept|huit|neuf|dix|dos|tres|cuatro|cinco|seis|siete|ocho|diez"
)
SUSPECT = re.compile(
    r"[\d\[@/\\#&零〇一二两兩三四五六七八九十百千万亿]|www|\.\S"
    rf"|\b(?:{_NUMBERS})\b",
    re.IGNORECASE,
)
_ODD = re.compile(r"[\d\[@/\\#&.]|www")
_LETTERS = re.compile(r"[a-z]+")
_NUMBER_WORDS = frozenset(_NUMBERS.split("|"))
_LONGEST_SUSPECT = 16
"""More characters than any match of SUSPECT has."""
_CITED = re.compile(r"\s?\[([\w.:-]{1,80}(?:\s*,\s*[\w.:-]{1,80})*)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What an answer may rest on.

    `figures`: of the knowledge, the tools' results and the talk; `links`: that may be shown;
    `own_mails`: addresses that customers wrote, which may be shown, too; read when one is needed;
    `entries`: ids that may be cited; `instruction`: what must not be repeated.
    """

    figures: tuple[Figures, ...] = ()
    links: Links = field(default_factory=Links)
    own_mails: Callable[[], Links] = Links
    entries: frozenset[str] = frozenset()
    instruction: str = ""
    guard: GuardOptions = field(default_factory=GuardOptions)


class AnswerGate:
    """A `TextGate` for one answer. `cited`: ids of the entries it rests on, in their order."""

    def __init__(self, grounds: Grounds, canary: Canary) -> None:
        self._grounds = grounds
        self._leaks: LeakWatch = canary.watch(grounds.instruction)
        self._sentence = ""
        self._shown = 0
        self._looked = 0
        self._held = False
        self._cited: list[str] = []

    @property
    def cited(self) -> tuple[str, ...]:
        """Each cited entry once."""
        return tuple(dict.fromkeys(self._cited))

    def take(self, text: str) -> str:
        """What may be shown now. Raises UnsafeAnswer."""
        self._refuse_leak(text)
        return self._sentences(text) + self._early()

    def rest(self) -> str:
        """The last sentence, which may lack its full stop."""
        return self._through(len(self._sentence)) if self._sentence else ""

    def whole(self, text: str) -> str:
        """The whole answer at once: nothing of it need be shown early."""
        self._refuse_leak(text)
        if not self._sentence and _is_plain(text):
            return text
        return self._sentences(text) + self.rest()

    def _refuse_leak(self, text: str) -> None:
        if self._leaks.leaks(text):
            raise UnsafeAnswer(
                "it repeats the instructions; answer the customer's question instead"
            )

    def _sentences(self, text: str) -> str:
        """What is not shown yet of the sentences that end in this text."""
        begin = max(0, len(self._sentence) - 1)  # what was there has no end, but perhaps its last
        self._sentence += text
        passed = []
        while end := _SENTENCE.search(self._sentence, begin):
            passed.append(self._through(end.end()))
            begin = 0
        return "".join(passed)

    def _through(self, end: int) -> str:
        """Check the sentence up to `end`, and give what of it is not shown yet."""
        sentence, self._sentence = self._sentence[:end], self._sentence[end:]
        shown, self._shown, self._looked = self._shown, 0, 0
        self._held = False
        bare = self._without_marks(sentence)
        self._check(bare)
        return bare[shown:]

    def _early(self) -> str:
        """What of an unfinished sentence is beyond doubt: whole words before anything suspect."""
        # what was looked through holds nothing suspect: only a match that goes on matters
        begin = max(0, self._shown - _LONGEST_SUSPECT, self._looked - _LONGEST_SUSPECT)
        limit = len(self._sentence)
        if self._held or may_be_suspect(self._sentence[begin:]):
            suspect = SUSPECT.search(self._sentence, begin)
            self._held = suspect is not None
            limit = suspect.start() if suspect else limit
        end = self._last_word_end(limit)
        text, self._shown, self._looked = self._sentence[self._shown : end], end, limit
        return text

    def _last_word_end(self, limit: int) -> int:
        """Where the last word before `limit` ends; spaces stay behind: they may go with a mark."""
        sentence = self._sentence
        for place in range(limit, max(self._shown, self._looked - 1), -1):
            last = sentence[place - 1]
            if not last.isspace() and (not last.isascii() or sentence[place : place + 1].isspace()):
                return place
        return self._shown

    def _check(self, sentence: str) -> None:
        """Raise UnsafeAnswer for a sentence (without its marks) that rests on nothing known."""
        grounds, guard = self._grounds, self._grounds.guard
        domains = guard.allowed_domains
        if guard.links and foreign_links(sentence, grounds.links, domains):
            # what customers wrote is only read for an answer that shows more than the shop's links
            allowed = grounds.links | grounds.own_mails()
            if foreign := foreign_links(sentence, allowed, domains):
                raise UnsafeAnswer(_named("links", foreign))
        if guard.figures and (unknown := unknown_figures(sentence, grounds.figures)):
            raise UnsafeAnswer(_named("figures", unknown))

    def _without_marks(self, sentence: str) -> str:
        if "[" not in sentence:
            return sentence

        def out(match: re.Match[str]) -> str:
            named = self._entries_of(match)
            self._cited.extend(named)
            return "" if named else match.group()

        return _CITED.sub(out, sentence)

    def _entries_of(self, match: re.Match[str]) -> list[str]:
        """The entries that a mark names; none if one of them does not exist."""
        named = [name.strip() for name in match.group(1).split(",")]
        return named if all(name in self._grounds.entries for name in named) else []


def may_be_suspect(text: str) -> bool:
    """Whether SUSPECT may match; far cheaper, and for plain text mostly false."""
    if not text.isascii():
        return True
    lower = text.lower()
    return bool(_ODD.search(lower)) or not _NUMBER_WORDS.isdisjoint(_LETTERS.findall(lower))


def _is_plain(text: str) -> bool:
    """Whether there is nothing to check in any sentence of the text: no mark, figure or link."""
    return "[" not in text and holds_no_figures(text) and holds_no_links(text)


def _named(what: str, found: Iterable[str]) -> str:
    listed = ", ".join(repr(one) for one in list(found)[:MOST_NAMED])
    return (
        f"these {what} stand neither in the knowledge nor in the tools' results nor in the talk: "
        f"{listed}; leave them out, or say that a colleague will check"
    )
