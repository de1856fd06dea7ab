"""Throttling of who guesses at a key: per key and address, in bounded memory. Pure.

A guess has a chance of 2^-256, so what is bounded here is the trying, not the luck: after `burst`
wrong secrets for one key from one address, that key is refused from there, right or wrong, until a
wrong one has been forgotten. Other keys from the same address go on: many ERP systems may stand
behind one, and one of them with an old key must not shut out the others.
"""

from collections import OrderedDict

BURST = 10
"""Wrong secrets for one key from one address, before it is refused from there."""
FORGET_S = 6.0
"""Seconds after which one wrong secret is forgotten: ten a minute are let through."""
MOST = 10_000
"""Pairs of key and address remembered, about 2 MB; the oldest make room."""


class Guesses:
    """Wrong secrets that are not forgotten yet, as the moment when the last of them will be.

    `now_s` is any clock that never goes back.
    """

    def __init__(self, burst: int = BURST, forget_s: float = FORGET_S, most: int = MOST) -> None:
        self._burst = burst
        self._forget_s = forget_s
        self._most = most
        self._until_s: OrderedDict[tuple[str, str], float] = OrderedDict()

    def __repr__(self) -> str:
        return f"Guesses({len(self._until_s)} pairs)"

    def __len__(self) -> int:
        return len(self._until_s)

    def too_many(self, address: str, key_id: str, now_s: float) -> bool:
        """Whether this key is refused from this address for now."""
        until_s = self._until_s.get((address, key_id), 0.0)
        return until_s - now_s > self._forget_s * (self._burst - 1)

    def missed(self, address: str, key_id: str, now_s: float) -> None:
        """A wrong secret was sent for this key."""
        pair = (address, key_id)
        until_s = max(self._until_s.get(pair, 0.0), now_s) + self._forget_s
        self._until_s[pair] = until_s
        self._until_s.move_to_end(pair)
        while self._until_s and self._is_spare(now_s):
            self._until_s.popitem(last=False)

    def _is_spare(self, now_s: float) -> bool:
        """Whether the oldest pair is forgotten, or one too many."""
        oldest_s = next(iter(self._until_s.values()))
        return len(self._until_s) > self._most or oldest_s <= now_s
