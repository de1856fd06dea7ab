"""What flows through, in which pieces: with chunks at hand, as the direct transport has them."""

import asyncio
from collections import deque
from typing import Self

import pytest

from gateway.core.flow import FLUSH_CHARACTERS, Flow
from gateway.core.model import Chunk, Finish
from gateway.core.options import Timeouts

pytestmark = pytest.mark.anyio

PATIENT = Timeouts(first_token_s=30, idle_s=30, total_s=30)
END = Chunk(finish=Finish.STOP)


class Upstream:
    """Chunks and pauses: what lies before a pause has come together."""

    def __init__(self, *script: Chunk | str | float) -> None:
        self._script = deque(script)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Chunk:
        while self._script and isinstance(self._script[0], float):
            await asyncio.sleep(self._script.popleft())  # type: ignore[arg-type]
        if (chunk := self.at_hand()) is None:
            raise StopAsyncIteration
        return chunk

    def at_hand(self) -> Chunk | None:
        if not self._script or isinstance(self._script[0], float):
            return None
        chunk = self._script.popleft()
        return chunk if isinstance(chunk, Chunk) else Chunk(text=str(chunk))


class Screen:
    """A sink that remembers; a text of TAKEN_BACK stands where all before was taken back."""

    def __init__(self, hides: int = 0) -> None:
        self.shown: list[str] = []
        self.taken: list[Chunk] = []
        self._hides = hides

    def take(self, chunk: Chunk) -> str:
        self.taken.append(chunk)
        return chunk.text

    async def show(self, text: str) -> bool:
        self.shown.append(text)
        self._hides -= 1
        return self._hides < 0

    async def take_back(self) -> None:
        self.shown.append("TAKEN BACK")


async def screen(*script: Chunk | str | float) -> list[str]:
    seen = Screen()
    await Flow(seen).run(Upstream(*script), PATIENT, 30)
    return seen.shown


async def test_the_first_text_is_shown_alone_and_what_comes_soon_after_it_together() -> None:
    assert await screen("a", *"bcdefgh", END) == ["a", "bcdefgh"]


async def test_what_a_gate_holds_back_is_no_first_text() -> None:
    seen = Screen(hides=2)
    await Flow(seen).run(Upstream(*"abcdefgh", END), PATIENT, 30)
    assert seen.shown == ["a", "b", "c", "defgh"]


async def test_text_that_comes_far_apart_is_shown_as_it_comes() -> None:
    assert await screen("a", 0.03, "b", 0.03, "c", END) == ["a", "b", "c"]


async def test_much_text_waits_for_nothing() -> None:
    much = "x" * FLUSH_CHARACTERS
    assert await screen("a", much, 0.001, much, END) == ["a", much, much]


async def test_the_last_text_waits_for_nothing() -> None:
    assert await screen("a", Chunk(text="b", finish=Finish.STOP), 0.0, Chunk()) == ["a", "b"]


async def test_every_chunk_is_taken_once_and_in_order() -> None:
    seen = Screen()
    texts = [str(number) for number in range(100)]
    await Flow(seen).run(Upstream(*texts, 0.001, *texts, END), PATIENT, 30)
    assert [chunk.text for chunk in seen.taken] == [*texts, *texts, ""]
    assert "".join(seen.shown) == "".join(texts * 2)


async def test_what_is_taken_back_before_it_was_shown_is_never_seen() -> None:
    assert await screen("a", "bad", Chunk(text="good", restart=True), END) == [
        "a",
        "TAKEN BACK",
        "good",
    ]


async def test_taking_back_without_new_text_is_told_at_once() -> None:
    assert await screen("a", 0.03, Chunk(restart=True), 0.03, "b", END) == ["a", "TAKEN BACK", "b"]


async def test_a_slow_reader_is_sent_in_one_piece_what_came_meanwhile() -> None:
    class Slow(Screen):
        async def show(self, text: str) -> bool:
            await asyncio.sleep(0.03)
            return await super().show(text)

    seen = Slow()
    await Flow(seen).run(Upstream("a", "b", "c", "d", END), PATIENT, 30)
    assert "".join(seen.shown) == "abcd"
    assert len(seen.shown) <= 3
