"""Where a call comes from, as its connection tells. Read only when somebody asks: it costs."""

from typing import Protocol


class Peer(Protocol):
    """The other end of a call's connection."""

    def address(self) -> str:
        """Its IP address; empty when unknown."""
        ...

    def names(self) -> tuple[str, ...]:
        """Names in its certificate, the surest kind first: `uri:`, `dns:`, `cn:`; none: ()."""
        ...


class Nowhere:
    """Nothing is known of the other end."""

    def address(self) -> str:
        """None."""
        return ""

    def names(self) -> tuple[str, ...]:
        """None."""
        return ()


NOWHERE = Nowhere()
