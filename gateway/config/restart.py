"""What of a change a running process cannot take over. Pure."""

from gateway.config.schema import Config

SERVER = (
    "listen",
    "http_listen",
    "mcp",
    "reflection",
    "max_request_bytes",
    "max_metadata_bytes",
    "rules_workers",
    "workers",
)
SECTIONS = (
    "admin",
    "question_log",
    "lexicons",
    "security",
    "redis",
    "conversations",
    "state",
    "metrics",
    "traces",
)


def needs_restart(old: Config, new: Config) -> tuple[str, ...]:
    """Told one by one. `old` is what the process was started with."""
    names = [f"server.{n}" for n in SERVER if getattr(old.server, n) != getattr(new.server, n)]
    names += [name for name in SECTIONS if getattr(old, name) != getattr(new, name)]
    return tuple(f"{name} has changed: that takes effect at the next start" for name in names)
