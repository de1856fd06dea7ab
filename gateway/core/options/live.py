"""How a running gateway takes over changes, and where ops can speak with it."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOptions:
    """How changes of this file, of the knowledge and of the lexicons are taken over."""

    watch: bool = True
    """Look at the files all the time. False: only SIGHUP and `erp-gateway reload` take them over.
    Default true."""
    poll_s: Annotated[float, Ge(0.05), Le(3600)] = 1.0
    """Time between two looks; a change is taken over once it has stood still for one of these.
    Default 1 s. Looking needs no rights and works with Kubernetes' symlinks and network disks."""
    guard: bool = True
    """Refuse a reload that would take out most deployments or routes, unless it is forced
    (`erp-gateway reload --force`). Default true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminOptions:
    """The port for ops: `gateway.admin.v1`, behind `erp-gateway status` and its like.

    It knows no keys, so it opens on this machine only. A change takes effect at the next start.
    """

    listen: str = ""
    """Loopback address and port; empty: no such port. Default empty; the shipped file opens
    127.0.0.1:50052. From elsewhere: `ssh -L` or `kubectl port-forward`."""
    recent_calls: Annotated[int, Ge(0), Le(10_000)] = 200
    """Answered calls kept in memory for `erp-gateway recent`, the newest. Default 200."""
    recent_text: bool = False
    """Keep what was asked, too, with personal data masked. Default false: no text of a message."""
