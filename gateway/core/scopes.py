"""What a key may do. `gateway.core.permits` refuses the rest."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scopes:
    """What a key may do; an empty list holds nothing back."""

    calls: tuple[str, ...] = ()
    """Names of calls: chat, extract_keywords, detect_anomaly, submit_feedback. Left out: all."""
    routes: tuple[str, ...] = ()
    """Names of routes. A call that another route takes is refused. Left out: all."""
    knowledge_bases: tuple[str, ...] = ()
    """Names of knowledge bases; holds for a route's default one, too. Left out: all."""
    system_messages: bool = False
    """Whether chat calls may bring messages of ROLE_SYSTEM. Default false."""

    def why_not(self, *, call: str = "", route: str = "", knowledge_base: str = "") -> str:
        """What is held back of these, in the words callers see; empty when nothing is.

        Says the same whether or not there is such a knowledge base.
        """
        if call and self.calls and call not in self.calls:
            return f"the key may not call {call!r}; it may call {_listed(self.calls)}"
        if route and self.routes and route not in self.routes:
            return f"the key may not use the route {route!r} that takes this call"
        if knowledge_base and self.knowledge_bases and knowledge_base not in self.knowledge_bases:
            return f"the key may not use the knowledge base {knowledge_base!r}"
        return ""


ORDINARY = Scopes()
"""Every call, route and knowledge base, but no system messages."""


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)
