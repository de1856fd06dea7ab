"""What a walk works with; put together in gateway.wiring, by hand in tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from gateway.core.actions import Actions
from gateway.core.conversations import KEEP_S
from gateway.core.health import HealthBoard
from gateway.core.limits.board import LimitBoard
from gateway.core.limits.ports import LimitStore, NoLimits
from gateway.core.model import Call
from gateway.core.options import Plan
from gateway.core.ports import (
    CacheStore,
    Clock,
    ConversationStore,
    FailureObserver,
    NoConversations,
    NoFailures,
    NoPrices,
    NoTools,
    Observer,
    Prices,
    Provider,
    RulesRunner,
    ToolRunner,
)
from gateway.core.shared_flights import SharedFlights, alone
from gateway.core.slots import Slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """The engine's collaborators.

    `plan` returns the configuration in force; `clock` is the event loop's, `wall` the calendar's
    (for ages that outlive the process). `doors` bound how many calls of a kind are with models at
    once; a call waits up to `door_wait_s` for its place. `actions` keeps the confirm tokens.
    `limits` counts what is used, `limit_board` remembers how near its end each limit is, `prices`
    says what tokens cost. `conversations` live `keep_s` after each message. `flights`
    decides which of several gateways asks.
    says what tokens cost. `conversations` live `keep_s` after each message. `failures` hears of
    calls without an answer.
    """

    plan: Callable[[], Plan]
    provider: Provider
    health: HealthBoard
    cache: CacheStore
    runner: RulesRunner
    observer: Observer
    clock: Clock
    wall: Clock
    rng: Random
    doors: Mapping[Call, Slots]
    door_wait_s: float = 0.5
    tools: ToolRunner = field(default_factory=NoTools)
    actions: Actions = field(default_factory=Actions)
    limits: LimitStore = field(default_factory=NoLimits)
    limit_board: LimitBoard = field(default_factory=LimitBoard)
    prices: Prices = field(default_factory=NoPrices)
    conversations: ConversationStore = field(default_factory=NoConversations)
    keep_s: float = KEEP_S
    flights: SharedFlights = field(default_factory=alone)
    failures: FailureObserver = field(default_factory=NoFailures)
