"""Runs the tools of a walk: for a model's wishes, for the rules' look-up, for a confirmed action.

What may run and how often is decided in `gateway.core.toolloop`; what runs is behind `ToolRunner`.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from gateway.core.abilities import uses_tools
from gateway.core.errors import InvalidRequest, ToolFailed, ToolNotReached, ToolRefused, Violation
from gateway.core.model import Completion, Origin, ToolCall
from gateway.core.options import Tool
from gateway.core.rooms import Rooms
from gateway.core.toolloop import MAX_AT_ONCE, Sifted, Talk, Wish, sift, why_not
from gateway.core.tools import Action, Asker, Ended, OnBehalf, ToolRun
from gateway.core.walk import Walk

LAST_WORDS_S = 0.03
"""Kept back of the caller's time to write the rules' text after a look-up."""

Progress = tuple[str, str]
"""Name of a tool and its state: started, done or failed."""

log = logging.getLogger(__name__)


class Tooling:
    """The tools' part of a walk. What it brings is in `walk.tools`, and in the task's draft."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def origin(self, walk: Walk[Any, Any, Any]) -> Origin:
        """Whose talk this is, for providers that keep talks themselves."""
        asker, caller = _asker(walk), walk.caller
        end_user = asker.customer_id or caller.end_user_id
        return Origin(caller.tenant, end_user, asker.conversation_id)

    # ---- a model's wishes

    async def turn(
        self, walk: Walk[Any, Any, Any], talk: Talk, completion: Completion
    ) -> AsyncGenerator[Progress, None]:
        """Run what a model's turn asks for; `after` then holds what to tell it.

        A tool that writes ends the loop: `walk.tools.use.pending` is set and nothing else is run.
        """
        sifted = self._sift(walk, talk, completion.tool_calls)
        wishes = [wish for wish in sifted if isinstance(wish, Wish)]
        action = self._proposed(walk, wishes)
        if action is not None:
            walk.tools.waits_for(action)
        else:
            reads = [wish for wish in wishes if not wish.tool.writes]
            until_s = self._rooms.clock() + walk.models_time_s(self._rooms.clock())
            async with aclosing(self._run(walk, reads, until_s)) as steps:
                async for step in steps:
                    yield step
        self._inform(walk)

    def after(self, walk: Walk[Any, Any, Any], talk: Talk, completion: Completion) -> Talk:
        """The talk to go on with."""
        sifted = self._sift(walk, talk, completion.tool_calls)
        return talk.after(completion, [walk.tools.told(one) for one in sifted])

    def _sift(
        self, walk: Walk[Any, Any, Any], talk: Talk, calls: Sequence[ToolCall]
    ) -> list[Sifted]:
        names = [spec.name for spec in talk.prompt.tools]
        offered = {name: walk.plan.tools[name] for name in names if name in walk.plan.tools}
        return [
            self._judged(walk, sift(call, offered, self._rooms.tools.refusal)) for call in calls
        ]

    def _judged(self, walk: Walk[Any, Any, Any], sifted: Sifted) -> Sifted:
        if isinstance(sifted, str):
            return sifted
        return why_not(sifted.tool, _asker(walk)) or sifted

    def _proposed(self, walk: Walk[Any, Any, Any], wishes: Sequence[Wish]) -> Action | None:
        wish = next((wish for wish in wishes if wish.tool.writes), None)
        if wish is None:
            return None
        owner = (walk.caller.tenant, _asker(walk))
        now_s = self._rooms.wall()
        return self._rooms.actions.propose(wish.tool.name, wish.arguments, owner, now_s)

    # ---- the rules: a look-up, or the action that was confirmed

    def look_up_s(self, walk: Walk[Any, Any, Any]) -> float:
        """Seconds that the rules' look-up may take; 0 when they need none."""
        wish = self._look_up(walk)
        return wish.tool.timeout_s if wish else 0.0

    async def for_rules(self, walk: Walk[Any, Any, Any]) -> None:
        """Do what the rules' answer needs. Raises InvalidRequest for a bad confirm token."""
        if not uses_tools(walk.task):
            return
        until_s = walk.caller.deadline.at_s - LAST_WORDS_S
        if _asker(walk).confirm_token:
            await self._act(walk, until_s)
        elif wish := self._look_up(walk):
            async with aclosing(self._run(walk, [wish], until_s)) as steps:
                async for _ in steps:
                    pass
            walk.tools.use = replace(walk.tools.use, looked_up=walk.tools.runs.get(wish.identity))
        self._inform(walk)

    def _look_up(self, walk: Walk[Any, Any, Any]) -> Wish | None:
        if not uses_tools(walk.task) or walk.draft is None:
            return None
        wanted = walk.task.look_up(walk.request, walk.draft, walk.route)
        if wanted is None or wanted[0] not in walk.plan.tools:
            return None
        return Wish(walk.plan.tools[wanted[0]], wanted[1])

    async def _act(self, walk: Walk[Any, Any, Any], until_s: float) -> None:
        now_s = self._rooms.wall()
        asker = _asker(walk)
        action = self._rooms.actions.confirmed((walk.caller.tenant, asker), now_s)
        tool = walk.plan.tools.get(action.tool)
        if tool is None or action.tool not in walk.route.tools or why_not(tool, asker):
            why = f"is for the tool {action.tool!r}, which is not on for this customer any more"
            raise InvalidRequest([Violation("confirm_token", why)])
        if not tool.writes or self._rooms.tools.refusal(tool, action.arguments):
            why = f"is for the tool {action.tool!r} as it was before a change; ask again"
            raise InvalidRequest([Violation("confirm_token", why)])
        behalf = replace(_behalf(walk), once=action.once)
        work = lambda: self._ended(tool, action.arguments, behalf, tool.timeout_s)  # noqa: E731
        try:
            async with asyncio.timeout(max(0.0, until_s - self._rooms.clock())):
                run = await self._rooms.actions.once(action, now_s, work)
        except TimeoutError:
            run = ToolRun(tool.name, Ended.FAILED, why="it is still at work")
        walk.tools.use = replace(
            walk.tools.use, runs=(*walk.tools.use.runs, run), acted=(action, run)
        )

    # ---- both

    def _inform(self, walk: Walk[Any, Any, Any]) -> None:
        if uses_tools(walk.task) and walk.draft is not None:
            walk.draft = walk.task.informed(walk.draft, walk.tools.use)

    async def _run(
        self, walk: Walk[Any, Any, Any], wishes: Sequence[Wish], until_s: float
    ) -> AsyncGenerator[Progress, None]:
        """Run what has not run for this request yet, a few at once, until `until_s`."""
        room = asyncio.Semaphore(MAX_AT_ONCE)

        async def one(wish: Wish) -> ToolRun:
            async with room:
                time_s = min(wish.tool.timeout_s, until_s - self._rooms.clock())
                run = await self._ended(wish.tool, wish.arguments, _behalf(walk), time_s)
            walk.tools.note(wish, run)
            return run

        new = walk.tools.take(wishes)
        tasks = [asyncio.create_task(one(wish)) for wish in new]
        try:
            for wish in new:
                yield wish.tool.name, "started"
            for next_done in asyncio.as_completed(tasks):
                run = await next_done
                yield run.tool, "done" if run.ok else "failed"
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _ended(
        self, tool: Tool, arguments: Mapping[str, Any], behalf: OnBehalf, time_s: float
    ) -> ToolRun:
        """One run, whatever happens."""
        if time_s <= 0:
            return ToolRun(tool.name, Ended.NOT_REACHED, why="there was no time left to run it")
        try:
            async with asyncio.timeout(time_s):
                fields = await self._rooms.tools.run(tool, arguments, behalf)
        except TimeoutError:
            return ToolRun(tool.name, Ended.FAILED, why=f"no answer within {time_s:.2g} s")
        except ToolFailed as error:
            log.warning("tool %r failed: %s", tool.name, error)
            return ToolRun(tool.name, _ended_as(error), why=str(error))
        except Exception:
            log.exception("the adapter of tool %r failed", tool.name)
            return ToolRun(tool.name, Ended.FAILED, why="it failed")
        if fields is None:
            return ToolRun(tool.name, Ended.NOT_FOUND)
        return ToolRun(tool.name, Ended.FOUND, fields)


def _ended_as(error: ToolFailed) -> Ended:
    if isinstance(error, ToolNotReached):
        return Ended.NOT_REACHED
    return Ended.REFUSED if isinstance(error, ToolRefused) else Ended.FAILED


def _asker(walk: Walk[Any, Any, Any]) -> Asker:
    return walk.task.asker(walk.request) if uses_tools(walk.task) else Asker()


def _behalf(walk: Walk[Any, Any, Any]) -> OnBehalf:
    return OnBehalf(walk.caller.tenant, _asker(walk).customer_id, walk.caller.request_id)
