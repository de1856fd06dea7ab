"""The configuration in force, and how a new one takes its place: whole or not at all."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.adapters.file_state import FileState, state_of
from gateway.config import Config, ConfigError
from gateway.config.guard import why_refused
from gateway.config.restart import needs_restart
from gateway.config.source import Source
from gateway.core.options import LiveOptions
from gateway.core.reloading import Reload, ReloadOutcome
from gateway.wiring.changes import Watch

if TYPE_CHECKING:
    from gateway.wiring.application import Application

log = logging.getLogger(__name__)


class Live:
    """Holds the configuration in force. Calls read it through `config`; each keeps what it read.

    `take_over` is called, on the loop, between two steps of any call, with the new configuration
    after it has come into force; it must not wait.
    """

    def __init__(
        self,
        config: Config,
        source: Source | None,
        wall: Callable[[], float],
    ) -> None:
        self.config = config
        self.applied_at_s = wall()
        self.count = 0
        self.last: Reload | None = None
        self.take_over: Callable[[Config], None] = lambda _config: None
        self._started = config
        self._source = source
        self._wall = wall
        self._kept_version = ""
        self._turn = asyncio.Lock()

    @property
    def has_source(self) -> bool:
        """Whether there is a file to read again."""
        return self._source is not None

    def look(self) -> tuple[FileState, ...]:
        """The state of the file and of the files that keys stand in; for a `Watch`."""
        return state_of((Path(self.config.path), *self.config.key_files))

    async def reload(self, *, force: bool = False) -> Reload:
        """Read the file again and take it over if it is right. `force` passes the guard."""
        async with self._turn:
            self.last = await self._reload(force=force)
        return self.last

    async def _reload(self, *, force: bool) -> Reload:
        if self._source is None:
            return self._ended(ReloadOutcome.UNCHANGED, "this gateway was started without a file")
        try:
            new, text = await asyncio.to_thread(self._source.read)
        except ConfigError as error:
            log.error(  # noqa: TRY400 # the text says it all, with line and column
                "the new configuration is refused, version %s stays in force:\n%s",
                self.config.plan.version,
                error,
            )
            return self._ended(ReloadOutcome.INVALID, *str(error).splitlines())
        except Exception as error:
            log.exception("the new configuration could not be read; the old one stays in force")
            return self._ended(
                ReloadOutcome.INVALID, f"{self.config.path} could not be read: {error!r}"
            )
        if reason := self._guarded(new, force=force):
            log.error("version %s is not taken over: %s", new.plan.version, reason)
            return self._ended(ReloadOutcome.GUARDED, reason)
        old = self.config
        if new != old:
            self._apply(new)
        await self._remember(self._source, text)
        if new == old:
            return self._ended(ReloadOutcome.UNCHANGED)
        return self._ended(ReloadOutcome.APPLIED, *needs_restart(self._started, new))

    def _guarded(self, new: Config, *, force: bool) -> str:
        if force or not self.config.live.guard:
            return ""
        return why_refused(self.config.plan, new.plan)

    def _apply(self, new: Config) -> None:
        old, self.config = self.config, new
        self.take_over(new)
        self.applied_at_s = self._wall()
        self.count += 1
        event = {"old_version": old.plan.version, "new_version": new.plan.version}
        log.info("a new configuration is in force", extra={"event": event})
        for told in needs_restart(self._started, new):
            log.warning("%s", told)

    async def _remember(self, source: Source, text: str) -> None:
        version = self.config.plan.version
        if version != self._kept_version:
            self._kept_version = version
            await asyncio.to_thread(source.keep, version, text)

    def _ended(self, outcome: ReloadOutcome, *told: str) -> Reload:
        return Reload(
            outcome=outcome, version=self.config.plan.version, told=told, at_s=self._wall()
        )


def watches(application: "Application") -> Iterator[Coroutine[None, None, None]]:
    """What keeps an application up to date with its files, for as long as it serves."""

    def options() -> LiveOptions:
        return application.config.live

    if not options().watch:
        yield reread(application)  # so that the version of this start is kept
    for kept in (application.live, application.knowledge, application.lexicons):
        yield Watch(kept.look, kept.reload, options).run()


async def reread(application: "Application") -> None:
    """Read everything again: configuration, knowledge, lexicons."""
    for kept in (application.live, application.knowledge, application.lexicons):
        await kept.reload()
