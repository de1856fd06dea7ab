"""The cache of answers: its key and its storing rules.

Stored are complete, non-degraded model answers only. The key is cut hard by tenant, so that no
tenant can ever reach another's entry.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from gateway.core.model import Answer, CacheMode, Caller, Source
from gateway.core.options import CacheOptions, Plan, Route
from gateway.core.ports import Task

TTL_JITTER_SHARE = 0.1
"""Entries live up to this share shorter, at random, so that they do not expire together."""


class CacheKeys:
    """Makes keys: 32 bytes over everything that may change the answer.

    Of the route count its name, the models behind it and the labels, so that another model's
    answers are not served after a reload.
    """

    def __init__(self) -> None:
        self._begun: dict[str, tuple[Route, Plan, bytes]] = {}

    def __repr__(self) -> str:
        return f"CacheKeys({sorted(self._begun)})"

    def key(
        self, task: Task[Any, Any, Any], caller: Caller, route: Route, plan: Plan, text: bytes
    ) -> bytes:
        """The key; `text` is the request in canonical form, as the task gave it."""
        asker = _prefixed(caller.tenant, caller.locale, task.call, task.version)
        return hashlib.sha256(self._of_route(route, plan) + asker + text).digest()

    def _of_route(self, route: Route, plan: Plan) -> bytes:
        """The route's part, kept until a reload brings another route of this name."""
        found = self._begun.get(route.name)
        if found is not None and found[0] is route and found[1] is plan:
            return found[2]
        answers = f"{route.model_version}\n{route.temperature}\n{route.max_output_tokens}"
        part = _prefixed(route.name, "\n".join(sorted(_models(route, plan))), answers)
        self._begun[route.name] = (route, plan, part)
        return part


def _prefixed(*parts: str) -> bytes:
    """Each part after its length: no two lists of parts are the same bytes."""
    raw = [part.encode() for part in parts]
    return b"".join([b"%d:%b" % (len(part), part) for part in raw])


def _models(route: Route, plan: Plan) -> Iterator[str]:
    for name in route.deployments():
        if found := plan.deployments.get(name):
            yield f"{name}={found.provider}/{found.model}/{found.base_url}/{found.model_version}"


def may_read(mode: CacheMode, options: CacheOptions) -> bool:
    """Whether a cached answer may be used."""
    return options.enabled and mode.reads


def may_store(answer: Answer[object], mode: CacheMode, options: CacheOptions) -> bool:
    """Whether this answer may be kept: the model's own, first choice, and the route allows it."""
    fresh = answer.source is Source.MODEL and not answer.degraded
    return fresh and options.enabled and mode.writes


def ttl_s(options: CacheOptions, roll: float) -> float:
    """Seconds to keep an entry; `roll` is random in [0, 1)."""
    return options.ttl_s * (1.0 - TTL_JITTER_SHARE * roll)
