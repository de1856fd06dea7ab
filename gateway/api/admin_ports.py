"""What the port for ops needs of the rest of the house."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.core.health import HealthSnapshot
from gateway.core.mirror import MirrorCount
from gateway.core.model import Call, Caller
from gateway.core.recent import RecentCall, Wanted
from gateway.core.reloading import Reload
from gateway.core.routing import Explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the process is; times are wall seconds, `models` is "provider/model" by deployment.

    `knowledge`: version and number of entries of each trained base.
    """

    config_version: str
    config_path: str
    applied_at_s: float
    started_at_s: float
    reloads: int
    last_reload: Reload | None
    draining: bool
    calls_inside: int
    deployments: Sequence[HealthSnapshot]
    off: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    knowledge: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    cache: tuple[int, int] = (0, 0)
    mirrors: Sequence[MirrorCount] = ()


class Desk(Protocol):
    """What ops can ask one process. Raises NotFound for names that do not exist."""

    def status(self) -> Status:
        """How it is."""
        ...

    def config(self) -> tuple[str, str]:
        """The version in force, and the whole of it as JSON without secrets."""
        ...

    def explain(self, call: Call, caller: Caller) -> tuple[Explanation, Sequence[str]]:
        """Where a call would go, as data and in words."""
        ...

    def snapshots(self) -> Mapping[str, HealthSnapshot]:
        """The deployments that are on, by name."""
        ...

    async def reload(self, *, force: bool) -> tuple[Reload, Sequence[str]]:
        """Read configuration and knowledge again; how it ended, and what of the knowledge."""
        ...

    def drain(self, deployment: str, *, drained: bool) -> HealthSnapshot:
        """Take a deployment out, or in again."""
        ...

    async def flush(self, tenant: str, route: str) -> int:
        """Forget cached answers; how many."""
        ...

    def recent(self, most: int, wanted: Wanted) -> Sequence[RecentCall]:
        """The last answered calls, newest first."""
        ...
