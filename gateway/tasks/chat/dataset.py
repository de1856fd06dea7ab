"""Labelled conversations for fine-tuning, made from the question log. Pure.

A conversation is labelled when people said something good or definite about at least one of its
answers: a thumbs-up, a corrected answer, or that the case is resolved. Corrected answers replace
what was answered; a conversation is cut before an answer that people disliked and nobody
corrected.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.core.feedback import Rating, Resolution
from gateway.core.questions import Judged
from gateway.rules import masking
from gateway.rules.chat import normalise
from gateway.rules.chat.text import fold

WANTED = 500
"""Labelled conversations that make a first fine-tuning worth its while."""
VALIDATION_SHARE = 0.1
"""Of the conversations, the newest."""

Turn = tuple[str, str]
"""A question and its answer."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns in order; `last_s`: when the last one was, in epoch seconds."""

    turns: tuple[Turn, ...]
    last_s: float

    def key(self) -> bytes:
        """Equal for conversations that differ in case, spaces and accents only."""
        text = "\0".join(fold(normalise(text)) for turn in self.turns for text in turn)
        return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True, slots=True)
class Dataset:
    """Training and validation hold no conversation in common."""

    train: tuple[Conversation, ...]
    validation: tuple[Conversation, ...]
    duplicates: int
    unlabelled: int

    @property
    def labelled(self) -> int:
        """Different labelled conversations."""
        return len(self.train) + len(self.validation)


def dataset(rows: Iterable[Judged]) -> Dataset:
    """Label, mask, drop duplicates (the newest stays), split by conversation and time."""
    together = _conversations(rows)
    labelled = [talk for talk in map(_labelled, together) if talk is not None]
    kept: dict[bytes, Conversation] = {}
    for talk in sorted(labelled, key=lambda talk: talk.last_s):
        kept.pop(talk.key(), None)
        kept[talk.key()] = talk
    in_time = list(kept.values())
    held_out = round(len(in_time) * VALIDATION_SHARE)
    return Dataset(
        train=tuple(in_time[: len(in_time) - held_out]),
        validation=tuple(in_time[len(in_time) - held_out :]),
        duplicates=len(labelled) - len(kept),
        unlabelled=len(together) - len(labelled),
    )


def _conversations(rows: Iterable[Judged]) -> list[list[Judged]]:
    """Rows of one conversation together; one without an id stands alone."""
    talks: dict[tuple[str, str, str], list[Judged]] = {}
    for number, row in enumerate(rows):
        asked = row.question
        alone = "" if asked.conversation_id else str(number)
        talks.setdefault((asked.tenant, asked.conversation_id, alone), []).append(row)
    return [sorted(talk, key=lambda row: row.question.at_s) for talk in talks.values()]


def _labelled(talk: Sequence[Judged]) -> Conversation | None:
    turns: list[Turn] = []
    labels = 0
    for row in talk:
        answer = row.corrected_answer or row.question.answer
        bad = row.rating is Rating.DOWN and not row.corrected_answer
        whole = row.question.whole or (row.corrected_answer and row.question.question)
        if bad or not whole or not row.question.question or not answer:
            break
        turns.append((row.question.question, answer))
        labels += _is_label(row)
    if not labels:
        return None
    texts = masking.mask(
        *(text for turn in turns for text in turn)
    )  # also texts of an older masking
    return Conversation(
        tuple(zip(texts[::2], texts[1::2], strict=True)), talk[len(turns) - 1].question.at_s
    )


def _is_label(row: Judged) -> bool:
    return bool(
        row.corrected_answer or row.rating is Rating.UP or row.resolution is Resolution.RESOLVED
    )


def openai(talk: Conversation, system: str) -> Mapping[str, Any]:
    """A line of OpenAI's chat fine-tuning format."""
    start = [{"role": "system", "content": system}] if system else []
    return {"messages": [*start, *_told(talk, ("role", "user", "assistant"), "content")]}


def sharegpt(talk: Conversation, system: str) -> Mapping[str, Any]:
    """A line of the ShareGPT format."""
    start = [{"from": "system", "value": system}] if system else []
    return {"conversations": [*start, *_told(talk, ("from", "human", "gpt"), "value")]}


def _told(
    talk: Conversation, names: tuple[str, str, str], text: str
) -> Iterator[Mapping[str, str]]:
    who, asks, answers = names
    for question, answer in talk.turns:
        yield {who: asks, text: question}
        yield {who: answers, text: answer}
