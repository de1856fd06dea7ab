"""What belongs to the whole process: its doors, its memory, its files."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """The server. A change takes effect at the next start; of `max_calls` and `drain_s` at once."""

    listen: str = "127.0.0.1:50051"
    """Address and port; port 0 picks a free one. Default 127.0.0.1:50051: this machine only."""
    http_listen: str = ""
    """Address and port of the HTTP door (Connect protocol, plain JSON for curl); empty: no such
    door. Default empty; the shipped file opens 127.0.0.1:50080, for this machine only."""
    mcp: bool = False
    """Offers the calls as MCP tools at `/mcp` of the HTTP door (docs/mcp.md). Default false."""
    reflection: bool = True
    """Lets grpcurl and friends list the calls. Default true."""
    max_request_bytes: Annotated[int, Ge(1024), Le(64 * 1024 * 1024)] = 8 * 1024 * 1024
    """Largest request. Default 8 MiB: 20,000 points with 16 covariates of as many (7.5 MB)."""
    max_metadata_bytes: Annotated[int, Ge(1024), Le(1024 * 1024)] = 16 * 1024
    """All metadata of one call together. Default 16 KiB (gRPC's)."""
    max_calls: Annotated[int, Ge(1), Le(100_000)] = 1000
    """Calls of one kind in progress at once; more get the route's `rules.on_overload`.
    Default 1,000."""
    drain_s: Annotated[float, Ge(0), Le(600)] = 20.0
    """After SIGTERM: longest wait for calls in progress. Default 20 s, below Kubernetes' 30 s."""
    workers: Annotated[int, Ge(1), Le(64)] = 1
    """Gateway processes on the same port, one for each core that calls shall use. Each has its own
    breakers and `max_calls`, and its own cache unless Redis shares it; each takes about 330 MB with
    LiteLLM and its process for rules. Default 1."""
    rules_workers: Annotated[int, Ge(1), Le(64)] = 1
    """Processes for the CPU-heavy rules, per worker; more than cores gain nothing. Default 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheMemoryOptions:
    """The in-process cache of model answers; the least recently used are dropped first."""

    max_entries: Annotated[int, Ge(0)] = 10_000
    """Most answers kept; 0 keeps none. Default 10,000."""
    max_bytes: Annotated[int, Ge(0)] = 64 * 1024 * 1024
    """Most bytes kept, keys and values. Default 64 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionLogOptions:
    """What is remembered of Chat, on this machine, for `kb suggest`, feedback and `export`."""

    enabled: bool = False
    """Default false: what customers write is kept only where somebody decided so."""
    path: str = "var/questions.sqlite"
    """The SQLite file, relative to the working folder. Default `var/questions.sqlite`."""
    retention_days: Annotated[int, Ge(1), Le(3650)] = 90
    """Older questions are deleted. Default 90 days."""
    max_rows: Annotated[int, Ge(1), Le(10_000_000)] = 200_000
    """Most questions kept, the newest; about 1 KB each. Default 200,000."""
    keep_text: bool = True
    """False keeps figures and labels only, no question and no answer. Default true: texts are
    kept with e-mail addresses, phone numbers, cards and ids replaced."""
