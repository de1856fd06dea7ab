"""Which talk of ours is which of Dify's; bounded, in this process."""

from collections import OrderedDict

MAX_TALKS = 10_000
"""Talks remembered, the latest used; about 200 bytes each. One that is forgotten begins anew at
Dify, with its history in the first message."""


class Conversations:
    """Ids of Dify's by keys of ours (`request.key_of`)."""

    def __init__(self, maximum: int = MAX_TALKS) -> None:
        self._maximum = maximum
        self._ids: OrderedDict[str, str] = OrderedDict()

    def __len__(self) -> int:
        return len(self._ids)

    def get(self, key: str) -> str:
        """Dify's id; empty when there is none."""
        if key not in self._ids:
            return ""
        self._ids.move_to_end(key)
        return self._ids[key]

    def put(self, key: str, conversation_id: str) -> None:
        """Remember it; nothing where either is empty."""
        if key and conversation_id:
            self._ids[key] = conversation_id
            self._ids.move_to_end(key)
            while len(self._ids) > self._maximum:
                self._ids.popitem(last=False)

    def drop(self, key: str) -> None:
        """Forget it: Dify does not know it any more."""
        self._ids.pop(key, None)
