"""Which answers come from the cache: the twelve scenarios, and pairs that must not share one."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from gateway.v1 import chat_pb2, common_pb2, feedback_pb2
from tests.chat_bench.stage import Caller, Rows, Score, lookup, model, question, running
from tests.fake_erp import FakeErp
from tests.faults import FaultServer, Options
from tests.processes import ROOT

HITS_WANTED = 0.75
RELOAD_S = 90.0
PAIRS = "pairs"


class CacheStage:
    """A gateway with a route and two models for every scenario, and one for the pairs."""

    def __init__(self, caller: Caller, faults: FaultServer, knowledge: Path) -> None:
        self.caller = caller
        self.faults = faults
        self.knowledge = knowledge

    async def play(self, scenario: dict[str, Any]) -> list[str | None]:
        """What came of every request of a scenario."""
        told: list[str | None] = []
        last = chat_pb2.ChatResponse()
        for request in scenario["requests"]:
            if request.get("kb_reload"):
                await self._reload()
                told.append(None)
            elif "feedback" in request:
                await self._dislike(last, request.get("tenant", scenario["requests"][0]["tenant"]))
                told.append(None)
            else:
                before = self.faults.count(scenario["id"])
                answers = await self._ask(scenario["id"], request)
                last = answers[-1]
                calls = self.faults.count(scenario["id"]) - before
                told.append(_told(answers, calls))
        return told

    async def shares(self, pair: dict[str, Any], store: str) -> bool:
        """Whether the second question of a pair is answered by the first one's answer."""
        self.faults.script(PAIRS, ["ok"])
        asked = [
            question(
                pair[one],
                PAIRS,
                context=chat_pb2.ChatContext(store=store),
                options={"locale": pair["lang"]},
            )
            for one in ("a", "b")
        ]
        await self.caller.ask(asked[0], tenant="T1")
        second = await self.caller.ask(asked[1], tenant="T1")
        return second.source == common_pb2.SOURCE_CACHE

    async def _ask(self, case: str, request: dict[str, Any]) -> list[chat_pb2.ChatResponse]:
        self.faults.script(case, _script(request))
        self.faults.script(f"{case}-spare", ["ok"])
        asked = question(
            request["text"],
            case,
            customer=chat_pb2.Customer(id=request["customer_id"], verified=True),
            options={"locale": request.get("lang", "")},
        )
        said = [
            chat_pb2.ChatMessage(role=role, text=text)
            for earlier in request.get("history", ())
            for role, text in ((chat_pb2.ROLE_USER, earlier), (chat_pb2.ROLE_ASSISTANT, "Yes."))
        ]
        told = [*said, *asked.messages]
        del asked.messages[:]
        asked.messages.extend(told)
        calls = (
            self.caller.ask(asked, tenant=request["tenant"])
            for _ in range(request.get("concurrent", 1))
        )
        return [seen.answer for seen in await asyncio.gather(*calls)]

    async def _reload(self) -> None:
        """Change the knowledge and wait until the gateway says that it has read it."""
        log, seen = self.caller.process.log, "knowledge read again"
        before = log.read_text().count(seen)
        file = self.knowledge / "shop" / "faq.yaml"
        file.write_text(file.read_text("utf-8") + "\n# changed\n", encoding="utf-8")
        async with asyncio.timeout(RELOAD_S):
            while log.read_text().count(seen) == before:
                await asyncio.sleep(0.1)

    async def _dislike(self, answer: chat_pb2.ChatResponse, tenant: str) -> None:
        said = feedback_pb2.SubmitFeedbackRequest(
            request_id=answer.info.request_id, rating=feedback_pb2.RATING_DOWN
        )
        key = self.caller.keys[tenant]
        await self.caller.stub.SubmitFeedback(
            said, timeout=30, metadata=(("authorization", f"Bearer {key}"),)
        )


def _script(request: dict[str, Any]) -> list[Any]:
    if request.get("degraded"):
        return ["status-500"]
    if request.get("tool_used"):
        call = {"name": "get_order", "arguments": {"order_id": "W0000000"}}
        return [{"do": "ok", "tool_calls": [call]}, {"do": "ok", "text": "It is on its way."}]
    return ["ok"]


def _told(answers: list[chat_pb2.ChatResponse], calls: int) -> str:
    if len(answers) > 1:
        return "one_upstream_call" if calls == 1 else f"{calls}_upstream_calls"
    return "hit" if answers[0].info.source == common_pb2.SOURCE_CACHE else "miss"


@asynccontextmanager
async def cache_stage(scenarios: Rows, folder: Path) -> AsyncIterator[CacheStage]:
    """Everything up."""
    names = [scenario["id"] for scenario in scenarios]
    knowledge = folder / "knowledge"
    shutil.copytree(ROOT / "config" / "knowledge", knowledge)
    tenants = {r["tenant"] for s in scenarios for r in s["requests"] if "tenant" in r} | {"T1"}
    keys = {tenant: await _key(tenant, folder) for tenant in sorted(tenants)}
    async with FaultServer(Options()) as faults, FakeErp() as erp:
        order = lookup(f"{erp.url}/orders/{{order_id}}", "order_id", owner_field="user_id")
        models = [m for name in names for m in (name, f"{name}-spare")] + [PAIRS]
        config = {
            "knowledge": str(knowledge),
            "security": {"keys_file": str(folder / "keys.json")},
            "deployments": {name: model(name, faults.url) for name in models},
            "tools": {"get_order": order},
            "routes": [
                *(_route(name, [name, f"{name}-spare"]) for name in names),
                _route(PAIRS, [PAIRS]),
                {"name": "otherwise"},
            ],
        }
        async with running(config, folder / "run", keys) as caller:
            await caller.ask(question("hello", PAIRS), tenant="T1")  # the start is over
            yield CacheStage(caller, faults, knowledge)


def _route(name: str, tiers: list[str]) -> dict[str, Any]:
    return {
        "name": name,
        "tiers": tiers,
        "match": {"labels": {"case": name}},
        "tools": ["get_order"],
    }


async def _key(tenant: str, folder: Path) -> str:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "keys", "create", "--tenant", tenant.lower()),
        *("--keys-file", str(folder / "keys.json")),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    out, _ = await process.communicate()
    return out.decode().strip()


async def policy(stage: CacheStage, scenarios: Rows) -> Score:
    """The scenarios of the cache policy."""
    missed = []
    for scenario in scenarios:
        told = await stage.play(scenario)
        if told != scenario["expect"]:
            missed.append(f"{scenario['id']}: {told}")
    right = len(scenarios) - len(missed)
    return Score("cache policy", f"{right} of {len(scenarios)}", "all", not missed, tuple(missed))


async def pairs(stage: CacheStage, asked: Rows) -> list[Score]:
    """The pairs: no wrong hit, and most variants of the same question found."""
    shared = [await stage.shares(pair, str(n)) for n, pair in enumerate(asked)]
    wrong = [
        f"{p['a']} / {p['b']}" for p, s in zip(asked, shared, strict=True) if s and not _same(p)
    ]
    others = sum(not _same(pair) for pair in asked)
    found = [s for p, s in zip(asked, shared, strict=True) if p["kind"] == "surface"]
    lost = [
        f"{p['a']} / {p['b']}"
        for p, s in zip(asked, shared, strict=True)
        if p["kind"] == "surface" and not s
    ]
    para = [s for p, s in zip(asked, shared, strict=True) if p["kind"] == "para"]
    return [
        Score(
            "pairs that must not share an answer: wrong hits",
            f"{len(wrong)} of {others}",
            "0",
            not wrong,
            tuple(wrong),
        ),
        Score(
            "surface variants found",
            f"{sum(found)} of {len(found)}",
            "75 %",
            sum(found) >= HITS_WANTED * len(found),
            tuple(lost),
        ),
        Score("paraphrases found (curated only)", f"{sum(para)} of {len(para)}", "-", True),
    ]


def _same(pair: dict[str, Any]) -> bool:
    return bool(pair["same_answer"])
