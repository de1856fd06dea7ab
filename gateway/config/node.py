"""A tree of values that know where they stand in the file."""

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import TypeAlias

from gateway.config.errors import Spot

Scalar: TypeAlias = str | int | float | bool | None
Loc: TypeAlias = Sequence[str | int]


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place. `keys` holds the places of a mapping's keys."""

    value: "Scalar | list[Node] | dict[str, Node]"
    spot: Spot
    keys: dict[str, Spot]

    def plain(self) -> object:
        """The value as plain dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def children(self) -> "Iterator[tuple[str | int, Node]]":
        """Every node right under this one with its key or index."""
        if isinstance(self.value, dict):
            yield from self.value.items()
        elif isinstance(self.value, list):
            yield from enumerate(self.value)

    def child(self, step: str | int) -> "Node | None":
        """The node under a key or index, if there is one."""
        if isinstance(self.value, dict):
            return self.value.get(str(step))
        if isinstance(self.value, list) and isinstance(step, int) and step < len(self.value):
            return self.value[step]
        return None

    def find(self, loc: Loc) -> "Node | None":
        """The node at a path of keys and indices, if there is one."""
        node: Node | None = self
        for step in loc:
            node = node.child(step) if node else None
        return node

    def spot_of(self, loc: Loc, *, key: bool = False) -> Spot:
        """The place of the value (or of its key) at `loc`, or of its nearest ancestor's key."""
        found = self.find(loc)
        if not loc:
            return self.spot
        parent = self.find(loc[:-1])
        key_spot = parent.keys.get(str(loc[-1])) if parent else None
        if found and (not key or key_spot is None):
            return found.spot
        return key_spot or self.spot_of(loc[:-1], key=True)

    def without(self, locs: Set[tuple[str | int, ...]]) -> "Node | None":
        """The node without what stands at `locs`; None when it goes itself."""
        if () in locs:
            return None
        if not locs or not isinstance(self.value, dict | list):
            return self
        below: dict[str | int, set[tuple[str | int, ...]]] = defaultdict(set)
        for step, *rest in locs:
            below[step].add(tuple(rest))
        kept = {
            step: remains
            for step, node in self.children()
            if (remains := node.without(below.get(step, set())))
        }
        if isinstance(self.value, list):
            return replace(self, value=list(kept.values()))
        return replace(self, value={str(step): node for step, node in kept.items()})

    def scalars(self) -> Iterator["Node"]:
        """Every leaf under this node."""
        if isinstance(self.value, dict | list):
            for _, child in self.children():
                yield from child.scalars()
        else:
            yield self


def merged(base: Node | None, over: Node | None) -> Node | None:
    """`over`, with what it does not say taken from `base`, mapping by mapping."""
    if base is None or over is None:
        return over or base
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    value = {
        key: node
        for key in base.value | over.value
        if (node := merged(base.value.get(key), over.value.get(key)))
    }
    return Node(value, over.spot, base.keys | over.keys)
