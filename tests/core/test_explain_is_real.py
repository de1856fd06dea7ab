"""What `explain` says is what happens: 1,000 random calls over random configurations.

Every call is answered by the real engine over a provider that plays which models fail.
"""

import asyncio
import json
import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.config import ConfigError, load_text
from gateway.core.engine import Engine
from gateway.core.errors import ConnectFailed, NoAnswer
from gateway.core.model import Answer, Call, Caller, Completion, Deadline, Outcome, Prompt, Source
from gateway.core.options import Deployment, Plan
from gateway.core.routing import Explanation, explain
from tests.fakes import EchoTask, FakeProvider, completion, rooms

pytestmark = pytest.mark.anyio

CALLS = 1_000
NAMES = ("a", "b", "c", "d", "e")
TENANTS, LOCALES, VERSIONS = ("t", "u"), ("zh", "de-DE", "no"), ("1.1", "1.2", "2")
LABELS: tuple[dict[str, str], ...] = ({}, {"k": "v"}, {"k": "v", "l": "w"})


@dataclass
class Models(FakeProvider):
    """Those in `down` cannot be reached; the others answer."""

    down: frozenset[str] = frozenset()
    order: list[str] = field(default_factory=list)

    async def complete(
        self, deployment: Deployment, prompt: Prompt, timeout_s: float
    ) -> Completion:
        self.order.append(deployment.name)
        if deployment.name in self.down:
            raise ConnectFailed("refused")
        return completion(f"from {deployment.name}", deployment.model)


class AnyCall(EchoTask):
    """The echo task for every kind of call."""

    def __init__(self, call: Call) -> None:
        self.call = call


def some(rng: random.Random, values: tuple[str, ...]) -> list[str]:
    return rng.sample(values, rng.choice([0, 0, 1, 2]))


def tiers(rng: random.Random) -> list[object]:
    names = rng.sample(NAMES, rng.randint(0, len(NAMES)))
    found: list[object] = []
    while names:
        tier, names = names[: (size := rng.randint(1, 3))], names[size:]
        found.append([{"deployment": n, "weight": rng.choice([1, 3])} for n in tier])
    return found


def variant(rng: random.Random, name: str) -> dict[str, object]:
    return {
        "name": name,
        "tiers": tiers(rng),
        "percent": rng.choice([0, 20, 50, 100]),
        "erp_versions": some(rng, VERSIONS),
        "model_version": rng.choice(["", f"label-{name}"]),
    }


def route(rng: random.Random, name: str, match: dict[str, object]) -> dict[str, object]:
    made: dict[str, object] = {
        "name": name,
        "match": match,
        "tiers": tiers(rng),
        "rules": {"allowed": rng.random() < 0.7},
        "retry": {"per_request": 0},
        "model_version": f"route-{name}",
        "variants": [variant(rng, f"v{n}") for n in range(rng.choice([0, 0, 1, 2]))],
        "sticky_by": rng.choice(["tenant", "end_user", "conversation"]),
    }
    if rng.random() < 0.3:
        made["mirror"] = {"deployment": rng.choice(NAMES), "percent": 100}
    return made


def match(rng: random.Random) -> dict[str, object]:
    return {
        "calls": some(rng, tuple(Call)),
        "tenants": some(rng, TENANTS),
        "locales": some(rng, LOCALES),
        "erp_versions": some(rng, VERSIONS),
        "labels": rng.choice(LABELS),
    }


def deployment(rng: random.Random, name: str) -> dict[str, object]:
    return {
        "provider": "openai",
        "model": f"model-{name}",
        "api_key_env": f"{name.upper()}_KEY",
        "enabled": rng.random() < 0.9,
        "model_version": rng.choice(["", "", f"own-{name}"]),
    }


def plan(rng: random.Random) -> Plan:
    """A random configuration that `check` accepts."""
    env = {f"{name.upper()}_KEY": "k" for name in NAMES if rng.random() < 0.8}
    while True:
        routes = [route(rng, f"r{n}", match(rng)) for n in range(rng.randint(0, 4))]
        document = {
            "deployments": {name: deployment(rng, name) for name in NAMES},
            "routes": [*routes, route(rng, "rest", {})],
        }
        try:
            return load_text(json.dumps(document), "gateway.yaml", env).plan
        except ConfigError:
            continue  # a route nobody reaches, or one that can never answer


def caller(rng: random.Random, number: int) -> Caller:
    return Caller(
        request_id=f"r-{number}",
        deadline=Deadline(asyncio.get_running_loop().time() + 60),
        tenant=rng.choice((*TENANTS, "x")),
        locale=rng.choice(("", "zh-CN", "zh", "de", "de-DE", "no", "en")),
        erp_version=rng.choice(("", "1.1", "1.1.5", "1.2", "1.20", "2.0", "3")),
        labels=rng.choice(LABELS),
        end_user_id=rng.choice(("", f"user-{number}")),
        conversation_id=rng.choice(("", f"talk-{number}")),
    )


async def test_explain_equals_what_really_happens() -> None:
    rng = random.Random(20_261_122)
    seen: set[str] = set()
    of = plan(rng)
    for number in range(CALLS):
        of = plan(rng) if number % 4 == 0 else of
        call, who = rng.choice(list(Call)), caller(rng, number)
        models = Models(down=frozenset(rng.sample(NAMES, rng.choice([0, 0, 2, 5]))))
        told = explain(of, call, who)
        engine = Engine(rooms(models, of, rng=random.Random(number)))
        drained = frozenset(rng.sample(sorted(of.deployments), min(1, len(of.deployments))))
        for name in drained:
            engine.rooms.health.of(of.deployments[name]).drained = rng.random() < 0.3
        try:
            answer: Answer[Any] | None = await engine.answer(AnyCall(call), "hello", who)
        except NoAnswer as error:
            answer = None
            seen.add("none")
            check_trail(told, list(error.attempts), models)
            assert told.route is not None
            assert not told.route.rules.allowed
        if answer is not None:
            check(told, answer, of, models)
            seen |= {answer.source.value, f"variant {bool(answer.variant)}"}
        await asyncio.sleep(0)
        check_copies(told, of, models, engine)
        await engine.mirrors.close()
    assert seen == {"none", "model", "rules", "variant True", "variant False"}


def check(told: Explanation, answer: Answer[Any], of: Plan, models: Models) -> None:
    assert told.route is not None
    assert (answer.route, answer.variant) == (told.route.name, told.variant)
    assert answer.config_version == of.version
    own = of.deployments[answer.deployment].model_version if answer.deployment else ""
    assert answer.model_version == (own or told.route.model_version)
    check_trail(told, list(answer.attempts), models)
    if answer.source is Source.RULES:
        assert told.route.rules.allowed
    else:
        assert answer.attempts[-1].deployment == answer.deployment
        assert answer.attempts[-1].outcome is Outcome.OK


def check_trail(told: Explanation, attempts: list[Any], models: Models) -> None:
    """The tries are those that were told, tier by tier, up to the first that answered."""
    tier_of = {verdict.deployment: verdict.tier for verdict in told.deployments if verdict.on}
    tried = [attempt.deployment for attempt in attempts]
    assert len(set(tried)) == len(tried)
    ranks = [tier_of[name] for name in tried]
    assert ranks == sorted(ranks)
    if not attempts or attempts[-1].outcome is not Outcome.OK:
        assert set(tried) == set(tier_of)
    else:
        passed = {name for name, tier in tier_of.items() if tier < ranks[-1]}
        assert passed <= set(tried)
    asked = [a.deployment for a in attempts if a.outcome is not Outcome.SKIPPED]
    assert models.order[: len(asked)] == asked


def check_copies(told: Explanation, of: Plan, models: Models, engine: Engine) -> None:
    """A copy goes to the mirror's candidate and to nobody else."""
    counts = list(engine.mirrors.counts.values())
    if told.route is None or told.route.mirror is None:
        assert counts == []
        return
    assert {count.deployment for count in counts} <= {told.route.mirror.deployment}
    assert sum(count.sent for count in counts) <= 1
    if told.route.mirror.deployment not in of.deployments:
        assert sum(count.sent for count in counts) == 0
