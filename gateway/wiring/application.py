"""One gateway process: built from a configuration, started, drained, closed."""

import asyncio
import logging
import random
import secrets
import time
from collections.abc import Coroutine, Sequence
from functools import partial

from gateway.adapters.knowledge_folder import KnowledgeUnreadableError
from gateway.adapters.memory_cache import MemoryCache
from gateway.adapters.process_pool import ProcessRunner
from gateway.adapters.telemetry.fan_out import FanOut
from gateway.adapters.telemetry.probes import Probes
from gateway.adapters.telemetry.questions import FailedQuestions, QuestionObserver
from gateway.api.admin_server import AdminServer
from gateway.api.gate import Gate
from gateway.api.grpc_server import GrpcServer
from gateway.api.methods import Tasks
from gateway.api.service import Backing, Service
from gateway.config import Config
from gateway.config.source import Source
from gateway.core.actions import Actions
from gateway.core.engine import Engine
from gateway.core.feedback import FeedbackDesk, RecentAnswers
from gateway.core.health import HealthBoard
from gateway.core.limits.board import LimitBoard
from gateway.core.model import Call, Caller
from gateway.core.options import Plan
from gateway.core.ports import FailureObserver, NoFailures, Observer
from gateway.core.rooms import Rooms
from gateway.core.routing import choose_route
from gateway.core.slots import Slots
from gateway.core.stream import StreamEngine
from gateway.rules.chat import KnowledgeBase, KnowledgeError
from gateway.tasks.anomaly import AnomalyTask
from gateway.tasks.chat import ChatTask
from gateway.tasks.chat.asked import asked_question, failed_question
from gateway.tasks.keywords import KeywordsTask
from gateway.tasks.privacy import PrivateProvider
from gateway.tasks.warm import warm
from gateway.wiring.desk import Desk, recent_calls
from gateway.wiring.doors import HttpDoor, grpc_options, http_door
from gateway.wiring.knowledge import Knowledge
from gateway.wiring.lexicons import LexiconKeeper
from gateway.wiring.live import Live, reread, watches
from gateway.wiring.providers import Providers
from gateway.wiring.questions import question_log
from gateway.wiring.readings import deployments, limits, process
from gateway.wiring.security import Security
from gateway.wiring.stores import DRAIN_S, flights, own_stores, repeats, shared_state
from gateway.wiring.telemetry import Telemetry
from gateway.wiring.tools import Tools

__all__ = ["Application", "KnowledgeError", "KnowledgeUnreadableError"]

log = logging.getLogger(__name__)

ID_BYTES = 16
"""Random bytes of a request id, as in a UUID."""
NO_ROUTE_DEADLINE_S = 30.0
"""Deadline of a call that sent none and that no route takes: it is refused in no time."""


class Application:
    """One gateway process. Without a `source` the configuration stays what it is."""

    def __init__(self, config: Config, source: Source | None = None) -> None:
        self.live = Live(config, source, time.time)
        self.live.take_over = self._take_over
        self.security = Security(config)
        self.rng = random.Random()  # noqa: S311 # weights and jitter, no secrets
        self.health = HealthBoard(self.rng)
        self.health.apply(config.plan)
        self.provider = Providers(config.plan)
        self.tools = Tools(config, self.rng)
        self.runner = ProcessRunner(config.server.rules_workers, warm)
        self.knowledge = Knowledge(lambda: self.config.knowledge, config.state)
        self.lexicons = LexiconKeeper(config.lexicons)
        self._background: set[asyncio.Task[None]] = set()
        self.gate = Gate()
        self.memory = MemoryCache(config.cache, time.time)
        self.shared = shared_state(config, own_stores(config, self.memory))
        self.stores = self.shared.stores
        self.recent = RecentAnswers()
        self.recent_calls = recent_calls(config)
        self.limit_board = LimitBoard()
        self.questions = question_log(config.question_log)
        self.feedback = FeedbackDesk(self.recent, self.stores.cache, self.questions)
        self.telemetry = Telemetry(config, self.plan)
        self.engine = Engine(self._rooms())
        self.service = Service(self._backing())
        self.server = GrpcServer(self.service, self.gate, grpc_options(config, self.security.tls))
        self.http = http_door(self.service, self.gate, config, self.security.tls)
        self.admin = AdminServer(Desk(self), config.admin.listen) if config.admin.listen else None

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self.live.config

    def plan(self) -> Plan:
        """Its part that calls are answered by; a call keeps the one it began with."""
        return self.tools.in_force(self.live.config.plan)

    @property
    def address(self) -> str:
        """Where it listens, with the port in use."""
        host = self.config.server.listen.rpartition(":")[0]
        return f"{host}:{self.server.port}"

    @property
    def http_address(self) -> str:
        """The same of the HTTP door; empty when there is none."""
        if self.http is None:
            return ""
        return f"{self.config.server.http_listen.rpartition(':')[0]}:{self.http.port}"

    @property
    def metrics_address(self) -> str:
        """The same of the port for metrics and health."""
        if not self.telemetry.port:
            return ""
        return f"{self.config.metrics.listen.rpartition(':')[0]}:{self.telemetry.port}"

    @property
    def admin_address(self) -> str:
        """The same of the port for ops; empty when there is none."""
        if self.admin is None:
            return ""
        return f"{self.config.admin.listen.rpartition(':')[0]}:{self.admin.port}"

    async def start(self) -> None:
        """Read the knowledge and open the doors; `load` does the rest.

        Raises OSError when the address cannot be had, KnowledgeError when a file is wrong.
        """
        if self.questions:
            self.questions.start()
        self.knowledge.load()
        await self.lexicons.reload()
        await self.shared.start(self.health)
        await self.telemetry.start([*self.service.unary_names, *self.service.stream_names])
        await self._open()
        _note_random_key(self.config)
        for watcher in self.security.watchers():
            self._begin(watcher)
        self._watch()

    async def load(self) -> None:
        """Behind the open doors: the engines, then what they can do without for a while."""
        self.begin_behind(await self.load_engines())

    async def load_engines(self) -> Sequence[KnowledgeBase]:
        """What calls wait for, the shortest first. Returns what `begin_behind` is to train."""
        await self.telemetry.serve(
            [partial(deployments, self), partial(process, self), partial(limits, self)],
            Probes(started=self._started, ready=self._ready),
        )
        if self.http:
            await self.http.serve()
        return await self.knowledge.index()

    def begin_behind(self, untrained: Sequence[KnowledgeBase]) -> None:
        """Begin the rules' processes, LiteLLM and training; returns at once.

        The rules' processes take 0.6 s of CPU each to load; a call for them starts them sooner.
        """
        self.runner.start()
        self.tools.start()
        self.provider.start_loading()
        self._begin(self.knowledge.train(untrained))

    async def stop(self) -> None:
        """Drain, then close everything."""
        await self.drain(self.config.server.drain_s)
        await self.close()

    async def drain(self, timeout_s: float) -> None:
        """Refuse new calls, wait for those inside, close the doors."""
        await asyncio.gather(*(door.drain(timeout_s) for door in self._doors()))

    async def close(self) -> None:
        """Close what is behind the doors; after `drain`."""
        for task in self._background:
            task.cancel()
        await self.engine.mirrors.close()
        if self.admin:
            await self.admin.close()
        self.service.close()
        await self.provider.aclose()
        await self.tools.aclose()
        await self.feedback.drain(DRAIN_S)
        await self.shared.aclose()
        await self.runner.aclose()
        if self.questions:
            await asyncio.to_thread(self.questions.close)
        await self.telemetry.close()

    def _started(self) -> bool:
        return self.server.port != 0 and self.knowledge.ready.is_set()

    def _ready(self) -> bool:
        return self._started() and not self.gate.draining

    def _doors(self) -> Sequence[GrpcServer | HttpDoor]:
        return [self.server] if self.http is None else [self.http, self.server]

    async def _open(self) -> None:
        """All doors or none; the one that calls come through is the last."""
        opened: list[AdminServer | HttpDoor] = []
        try:
            for door in (self.admin, self.http):
                if door:
                    await door.start()
                    opened.append(door)
            await self.server.start()
        except OSError:
            for door in opened:
                await door.close()
            raise

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _watch(self) -> None:
        """Look at the files; once even without watching, so that this start's version is kept."""
        if self.live.has_source:
            for work in watches(self):
                self._begin(work)

    def _take_over(self, config: Config) -> None:
        """Whatever keeps a part of the configuration gets the new one."""
        self.health.apply(config.plan)
        self.memory.bounds = config.cache
        self.provider.take_over(config.plan)
        self.telemetry.apply(config)
        self.tools.take_over(config)

    def reload(self) -> None:
        """Read the file and the knowledge again soon; for SIGHUP."""
        self._begin(reread(self))

    def _rooms(self) -> Rooms:
        return Rooms(
            plan=self.plan,
            provider=PrivateProvider(self.provider),
            health=self.health,
            cache=self.telemetry.cache(self.stores.cache),
            runner=self.telemetry.runner(self.runner),
            observer=self._observer(),
            clock=time.monotonic,
            wall=time.time,
            rng=self.rng,
            doors={call: Slots(lambda: self.config.server.max_calls) for call in Call},
            tools=self.telemetry.tools(self.tools),
            limits=self.stores.limits,
            conversations=self.stores.conversations,
            flights=flights(self.stores.leases),
            limit_board=self.limit_board,
            prices=self.provider.prices,
            actions=Actions(self.config.token_key.reveal().encode()),
            keep_s=self.config.conversations.keep_s,
            failures=self._failures(),
        )

    def _backing(self) -> Backing:
        return Backing(
            engine=self.engine,
            streams=StreamEngine(self.engine),
            tasks=Tasks(
                chat=ChatTask(
                    self.knowledge.models, self.knowledge.ready, tools=lambda: self.plan().tools
                ),
                keywords=KeywordsTask(self.lexicons.folder, self.lexicons.versions),
                anomaly=AnomalyTask(),
            ),
            feedback=self.feedback,
            admission=self.gate,
            identify=self.security.identify,
            default_deadline_s=self._default_deadline_s,
            clock=time.monotonic,
            rng=self.rng,
            make_id=partial(secrets.token_hex, ID_BYTES),
            repeats=repeats(self.stores.results),
            watch=self.telemetry.watch(),
        )

    def _observer(self) -> Observer:
        observers: list[Observer] = [*self.telemetry.observers(), self.recent, self.recent_calls]
        if self.questions:
            observers.append(QuestionObserver(self.questions, asked_question, time.time))
        return FanOut(observers)

    def _failures(self) -> FailureObserver:
        if not self.questions:
            return NoFailures()
        return FailedQuestions(self.questions, failed_question, time.time)

    def _default_deadline_s(self, call: Call, caller: Caller) -> float:
        route = choose_route(self.plan(), call, caller)
        return route.default_deadline_s if route else NO_ROUTE_DEADLINE_S


def _note_random_key(config: Config) -> None:
    if not config.token_key and any(tool.writes for tool in config.plan.tools.values()):
        log.warning(
            "ERP_GATEWAY_TOKEN_KEY is not set: confirm tokens of tools that write are signed with "
            "a random key and are of no use to another process or after a restart"
        )
