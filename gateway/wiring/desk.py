"""What ops ask one process, answered from its parts."""

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gateway.api.admin_ports import Status
from gateway.cli.explained import report
from gateway.config.shown import shown
from gateway.core.errors import NotFound
from gateway.core.health import HealthSnapshot
from gateway.core.model import Answer, Call, Caller, Served
from gateway.core.ports import Flushes
from gateway.core.recent import RecentCall, RecentCalls, Wanted, no_text
from gateway.core.reloading import Reload
from gateway.core.routing import Explanation, explain
from gateway.rules import masking

if TYPE_CHECKING:
    from gateway.config import Config
    from gateway.wiring.application import Application

VERSION_CHARACTERS = 12
"""Enough of a hash to tell two apart."""
MAX_TEXT_CHARACTERS = 1_000
"""Longest text kept of a recent call."""


class Desk:
    """The `Desk` port over an application; nothing is kept here but when it began."""

    def __init__(self, application: "Application") -> None:
        self._of = application
        self._started_at_s = time.time()

    def status(self) -> Status:
        """How the process is."""
        of, config = self._of, self._of.config
        return Status(
            config_version=config.plan.version,
            config_path=config.path,
            applied_at_s=of.live.applied_at_s,
            started_at_s=self._started_at_s,
            reloads=of.live.count,
            last_reload=of.live.last,
            draining=of.gate.draining,
            calls_inside=of.gate.inside,
            deployments=tuple(self.snapshots().values()),
            off=config.plan.off,
            models={d.name: f"{d.provider}/{d.model}" for d in config.plan.deployments.values()},
            knowledge={
                name: (model.knowledge.version[:VERSION_CHARACTERS], len(model.knowledge.entries))
                for name, model in sorted(of.knowledge.models.items())
            },
            cache=of.memory.size,
            mirrors=tuple(of.engine.mirrors.counts.values()),
        )

    def config(self) -> tuple[str, str]:
        """The configuration in force."""
        config = self._of.config
        return config.plan.version, shown(config)

    def explain(self, call: Call, caller: Caller) -> tuple[Explanation, Sequence[str]]:
        """Where a call would go."""
        config = self._of.config
        return explain(config.plan, call, caller), tuple(report(config, call, caller))

    def snapshots(self) -> Mapping[str, HealthSnapshot]:
        """Every deployment that is on."""
        now_s = self._of.engine.rooms.clock()
        return {
            deployment.name: self._of.health.of(deployment).snapshot(now_s)
            for deployment in self._of.plan().deployments.values()
        }

    async def reload(self, *, force: bool) -> tuple[Reload, Sequence[str]]:
        """Read configuration and knowledge again."""
        ended = await self._of.live.reload(force=force)
        await self._of.lexicons.reload()
        return ended, await self._of.knowledge.reload()

    def drain(self, deployment: str, *, drained: bool) -> HealthSnapshot:
        """Take a deployment out, or in again."""
        found = self._of.plan().deployments.get(deployment)
        if found is None:
            known = ", ".join(self._of.plan().deployments) or "none"
            raise NotFound(f"no deployment {deployment!r} is on (there are: {known})")
        health = self._of.health.of(found)
        health.drained = drained
        return health.snapshot(self._of.engine.rooms.clock())

    async def flush(self, tenant: str, route: str) -> int:
        """Forget cached answers."""
        cache = self._of.stores.cache
        return len(await cache.flush(tenant, route)) if isinstance(cache, Flushes) else 0

    def recent(self, most: int, wanted: Wanted) -> Sequence[RecentCall]:
        """The last answered calls."""
        return self._of.recent_calls.last(most, wanted)


def recent_calls(config: "Config") -> RecentCalls:
    """The ring buffer of the last calls, as the file wants it."""
    options = config.admin
    most = options.recent_calls if options.listen else 0
    return RecentCalls(most, time.time, _text if options.recent_text else no_text)


def _text(call: Call, _answer: Answer[Any], served: Served) -> str:
    """What was asked, masked: a customer's question, a listing's title; of a series nothing."""
    if call is Call.CHAT:
        asked = served.request.question
    elif call is Call.EXTRACT_KEYWORDS:
        asked = served.request.listing.title
    else:
        return ""
    return masking.mask(str(asked)[:MAX_TEXT_CHARACTERS])[0]
