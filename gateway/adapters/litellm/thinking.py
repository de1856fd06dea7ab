"""Models served without a reasoning parser think aloud: a leading <think> block is no answer."""

import re

OPENINGS = ("<think>", "<thinking>")
CLOSINGS = ("</think>", "</thinking>")
BLOCK = re.compile(r"\s*<think(?:ing)?>.*?</think(?:ing)?>\s*", re.DOTALL)
FAR = 64  # blanks before a block; further in, a tag is part of the text


def without_thinking(text: str) -> str:
    """A whole text without its leading block."""
    found = BLOCK.match(text) if "<think" in text[:FAR] else None
    return text[found.end() :] if found else text


class Thinking:
    """Holds back a leading <think> block of a stream; `transparent` once text has begun."""

    __slots__ = ("_held", "_inside", "_over", "_trim", "transparent")

    def __init__(self) -> None:
        self._held = ""
        self._inside = False
        self._over = False
        self._trim = False
        self.transparent = False

    def without(self, text: str) -> str:
        """The part of `text` that is no reasoning; less or nothing while that is not clear."""
        if self._over:
            return self._trimmed(text)
        self._held += text
        if not self._inside:
            start = self._held.lstrip()
            if any(opening.startswith(start[: len(opening)]) for opening in OPENINGS):
                self._inside = start.startswith(OPENINGS)
            else:
                self._over = self.transparent = True
                return self.rest()
        return self._after_block() if self._inside else ""

    def rest(self) -> str:
        """What was held back because it might have been the start of a block."""
        held, self._held = self._held, ""
        return "" if self._inside else held

    def _after_block(self) -> str:
        for closing in CLOSINGS:
            _, found, after = self._held.partition(closing)
            if found:
                self._held, self._inside, self._over, self._trim = "", False, True, True
                return self._trimmed(after)
        # keep what may be the start of the closing tag, drop the rest of the reasoning
        self._held = self._held[-max(map(len, CLOSINGS)) :]
        return ""

    def _trimmed(self, text: str) -> str:
        if self._trim:
            text = text.lstrip()
            self._trim = not text
            self.transparent = bool(text)
        return text
