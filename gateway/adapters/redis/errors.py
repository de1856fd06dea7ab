"""What redis-py raises, as the three things that can be wrong."""

import asyncio
from enum import Enum, auto

from redis import exceptions


class RedisAway(Exception):
    """Redis is of no use now; whoever asked goes on without it. Never leaves this folder."""


class UnfitRedis(Exception):
    """What answers is no Redis that we can work with; the text says why and what to do."""


class Fault(Enum):
    """What an error says about Redis."""

    AWAY = auto()
    TAKES_NO_WRITES = auto()
    ODD = auto()


_NO_WRITES = (exceptions.OutOfMemoryError, exceptions.ReadOnlyError)
_NO_WRITES_WORDS = ("MISCONF", "NOREPLICAS")
_AWAY = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ClusterError,
    exceptions.RedisClusterException,
    OSError,
    asyncio.TimeoutError,
    UnfitRedis,
)


def fault(error: Exception) -> Fault:
    """Odd: it answered, but not what the protocol says; a bug, or a stranger's data at our key."""
    if isinstance(error, _NO_WRITES) or str(error).startswith(_NO_WRITES_WORDS):
        return Fault.TAKES_NO_WRITES
    return Fault.AWAY if isinstance(error, _AWAY) else Fault.ODD


def reason_of(error: Exception) -> str:
    """One line for the log. redis-py's texts hold addresses and commands' names, no values."""
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
