"""The composition root: the only folder that knows every room.

`Application` is one gateway process; `serve` runs one until it is told to stop.
"""

from gateway.api.tls import TlsFault
from gateway.wiring.application import (
    Application,
    KnowledgeError,
    KnowledgeUnreadableError,
)
from gateway.wiring.serving import EnginesUnloadableError, serve

__all__ = [
    "Application",
    "EnginesUnloadableError",
    "KnowledgeError",
    "KnowledgeUnreadableError",
    "TlsFault",
    "serve",
]
