"""Names to behaviours: the grammar of model names, and the registry they are looked up in.

plan      = step ["-then-" step]...      consumed call by call, the last one for ever
step      = [COUNT "x-"] behaviour ["+" behaviour]...
behaviour = NAME ["-" argument]...
model     = plan ["@" label]             the label only tells two deployments apart
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.faults.draft import Call, Draft

Apply = Callable[[Draft, Call, "Arguments"], Draft]

_ONCE = re.compile(r"^(once|twice)-(?=\d)")
_COUNT = re.compile(r"^(\d+)x-")
MAX_COUNT = 10_000


class UnknownBehaviourError(ValueError):
    """A name that no behaviour of the catalogue begins with, or an argument it cannot read."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """The words after a behaviour's name: numbers by position, the others by presence."""

    words: tuple[str, ...]

    def number(self, index: int, default: float) -> float:
        """The index-th number among the words."""
        numbers = list(self._numbers())
        return numbers[index] if index < len(numbers) else default

    def whole(self, index: int, default: int) -> int:
        """The index-th number, as a whole one."""
        return int(self.number(index, default))

    def one_of(self, *choices: str) -> str:
        """The first of the choices that is among the words; the empty text if none is."""
        return next((choice for choice in choices if choice in self.words), "")

    def after(self, word: str) -> str:
        """The word that follows the given one; the empty text if it is not there."""
        pairs = zip(self.words, self.words[1:], strict=False)
        return next((value for name, value in pairs if name == word), "")

    def _numbers(self) -> Iterator[float]:
        for word in self.words:
            if re.fullmatch(r"\d+(\.\d+)?", word):
                yield float(word)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One row of the catalogue."""

    name: str
    words: frozenset[str]  # what its arguments may be, besides numbers
    apply: Apply
    reads_call: bool  # its replies depend on more than stream and response format


@dataclass(frozen=True, slots=True)
class Part:
    """A behaviour with its arguments."""

    behaviour: Behaviour
    arguments: Arguments


CATALOGUE: dict[str, Behaviour] = {}


def behaviour(name: str, words: str = "", *, reads_call: bool = False) -> Callable[[Apply], Apply]:
    """Register a function under a name, with the space-separated words its arguments may be."""

    def register(apply: Apply) -> Apply:
        CATALOGUE[name] = Behaviour(name, frozenset(words.split()), apply, reads_call)
        return apply

    return register


def plan_of(model: str) -> list[str]:
    """The steps a model name spells out, counts unfolded; UnknownBehaviourError if it does not."""
    steps: list[str] = []
    for written in model.partition("@")[0].split("-then-"):
        count, step = _counted(written)
        parts_of(step)
        steps += [step] * count
    return steps


def parts_of(step: str) -> tuple[Part, ...]:
    """The behaviours one step is composed of, in the order they are applied."""
    return tuple(_part(_ONCE.sub("status-", word)) for word in step.split("+"))


def _counted(step: str) -> tuple[int, str]:
    found = _COUNT.match(step)
    if found is None:
        return (2 if step.startswith("twice-") else 1), step
    count = int(found[1])
    if not 1 <= count <= MAX_COUNT:
        raise UnknownBehaviourError(f"{step!r}: the count must be from 1 to {MAX_COUNT}")
    return count, step[found.end() :]


def _part(text: str) -> Part:
    words = text.split("-")
    for length in range(len(words), 0, -1):
        found = CATALOGUE.get("-".join(words[:length]))
        if found is not None:
            return Part(found, _arguments(found, text, tuple(words[length:])))
    raise UnknownBehaviourError(f"no behaviour is called {text!r}: see tests/faults/README.md")


def _arguments(found: Behaviour, text: str, words: tuple[str, ...]) -> Arguments:
    for word in words:
        if word not in found.words and not re.fullmatch(r"\d+(\.\d+)?", word):
            known = ", ".join(sorted(found.words)) or "none"
            raise UnknownBehaviourError(
                f"{text!r}: {found.name!r} takes numbers and these words: {known}; not {word!r}"
            )
    return Arguments(words)
