"""The models' part of a stream's walk: deployments in order, retries within the budget.

The same order and the same decisions as `gateway.core.asking`, but text is shown as it comes. There
is no hedge: two streams at once would pay twice for what the reader sees once.
"""

import asyncio
from contextlib import aclosing
from typing import TypeVar

from gateway.core.asking import (
    Answered,
    Asking,
    Candidate,
    again,
    go_on_after,
    model_answer,
    usable,
)
from gateway.core.errors import PromptTooLong, ProviderError
from gateway.core.events import HasText, Reader, ToolProgress
from gateway.core.flow import Flow
from gateway.core.limiting import in_order
from gateway.core.model import Completion, Outcome, Prompt
from gateway.core.passing import Passing
from gateway.core.reply import Turn
from gateway.core.rooms import Rooms
from gateway.core.tooling import Tooling
from gateway.core.toolloop import Talk
from gateway.core.trying import Trying
from gateway.core.walk import Walk

Q = TypeVar("Q")
D = TypeVar("D")
A = TypeVar("A", bound=HasText)


class Relaying:
    """Relays the deployments of a walk, one after the other, until one has given it all."""

    def __init__(self, rooms: Rooms, asking: Asking, tooling: Tooling) -> None:
        self._rooms = rooms
        self._asking = asking
        self._tooling = tooling

    async def first_whole(
        self, walk: Walk[Q, D, A], prompt: Prompt, reader: Reader
    ) -> Answered[A] | None:
        """The first whole and usable answer, shown already; None when there is none.

        Raises ContentRefused and PromptTooLong.
        """
        for candidate in in_order(self._rooms, walk):
            if walk.fits(candidate[0]):
                answered = await self._ask(walk, candidate, prompt, reader)
                if answered is not None:
                    return answered
        if walk.only_too_long():
            raise PromptTooLong(walk.trail.attempts)
        return None

    async def _ask(
        self, walk: Walk[Q, D, A], candidate: Candidate, prompt: Prompt, reader: Reader
    ) -> Answered[A] | None:
        """Relay one deployment, again where that is worth it, and with what its tools brought."""
        deployment = candidate[0]
        turn = Turn(candidate, Talk(prompt))
        while True:
            try:
                answered = await self._try(walk, turn, reader)
            except ProviderError as error:
                go_on_after(walk, deployment, error)
                reader.failed(deployment.name, error.outcome)
                failed = self._asking.failed(walk, deployment, error)
                turn = Turn(candidate, again(turn.talk, prompt, error))
                delay_s = walk.retry.delay_s(failed)
                if delay_s is None:
                    return None
                await asyncio.sleep(delay_s)
                continue
            if turn.wish is not None:
                answered = await self._tools(walk, turn, turn.wish, reader)
                if answered is None:
                    continue
            if answered is None:  # no leave: what an earlier turn said is the end of nothing
                reader.failed(deployment.name, Outcome.SKIPPED)
            return answered

    async def _try(self, walk: Walk[Q, D, A], turn: Turn, reader: Reader) -> Answered[A] | None:
        """Relay one try. None: there was no leave for it, or it ended in a wish for tools."""
        deployment, prompt = turn.candidate[0], turn.talk.prompt
        trying = await Trying.begin(self._rooms, walk, deployment, prompt, stream=True)
        if trying is None:
            return None
        async with trying:
            passing = Passing(walk, turn, trying, reader)
            given_s = trying.given_s
            async with self._rooms.provider.stream(deployment, prompt, given_s) as chunks:
                await Flow(passing).run(chunks, trying.clocks, given_s)
            completion = await passing.whole()
            trying.replied(completion)
            if turn.talk.wishes(completion):
                turn.wish = completion
            else:
                completion = turn.talk.whole(completion)
                value = await usable(self._rooms, walk, completion)
        walk.trail.spend(completion.usage)
        if turn.wish is not None:
            return None
        return Answered(model_answer(walk, turn.candidate, value, completion), completion)

    async def _tools(
        self, walk: Walk[Q, D, A], turn: Turn, wish: Completion, reader: Reader
    ) -> Answered[A] | None:
        """Run what the turn asked for; an action that waits for a yes is the whole answer."""
        async with aclosing(self._tooling.turn(walk, turn.talk, wish)) as steps:
            async for tool, state in steps:
                await reader.tell(ToolProgress(tool, state))
        if walk.tools.use.pending is None:
            turn.talk = self._tooling.after(walk, turn.talk, wish)
            turn.wish = None
            return None
        answered = await self._asking.answered(walk, turn.candidate, wish)
        # what the model said may promise what only the customer's yes can do
        await reader.take_back("", turn.candidate[0].name)
        await reader.spell("", answered.answer.value.text)
        return answered
