"""Who calls: known by a key or by a client certificate, in memory, before the body is read.

Every refusal is one text, and costs one SHA-256 and one comparison in constant time. The reason
stands in our log only, without the key, at most once a minute for each address.
"""

import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Mapping
from types import MappingProxyType

from gateway.api.metadata import CallMetadata
from gateway.api.ports import Identity
from gateway.core.errors import Unauthenticated
from gateway.core.guessing import Guesses
from gateway.core.keys import Key, KeyRing, Refusal, id_of, is_whole
from gateway.core.options import ClientCertificate
from gateway.core.permits import permit_call
from gateway.core.ports import Clock

REFUSED = "send a valid key: `authorization: Bearer <key>`"
"""What every refused caller is told, whatever the reason."""
TOLD_AGAIN_S = 60.0
"""Seconds between two log lines about one address."""
MAX_ADDRESSES = 1_000
"""Addresses whose last log line is remembered; the oldest make room."""

CALLS: Mapping[str, str] = MappingProxyType(
    {
        "Chat": "chat",
        "StreamChat": "chat",
        "ExtractKeywords": "extract_keywords",
        "DetectAnomaly": "detect_anomaly",
        "SubmitFeedback": "submit_feedback",
    }
)
"""The name under which a key's scope knows a method; a method without one needs an open scope."""

NO_CLIENTS: Mapping[str, ClientCertificate] = MappingProxyType({})

log = logging.getLogger(__name__)


class KeyCheck:
    """An `Identifies` over keys and client certificates. `ring` may be replaced at any time.

    `wall`: keys end by the calendar. `clock`: monotonic; throttling must not last longer when the
    calendar's clock is set back.
    """

    def __init__(
        self,
        ring: KeyRing,
        wall: Clock,
        clients: Mapping[str, ClientCertificate] = NO_CLIENTS,
        guesses: Guesses | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self.ring = ring
        self._wall = wall
        self._clock = clock
        self._clients = clients
        self._guesses = guesses or Guesses()
        self.refusals: Counter[Refusal] = Counter()
        self._log = _RefusalLog()

    def __repr__(self) -> str:
        return f"KeyCheck({self.ring!r}, {len(self._clients)} clients, {self._guesses!r})"

    def __call__(self, method: str, metadata: CallMetadata) -> Identity:
        """Who calls; raises Unauthenticated or PermissionDenied."""
        identity = self._known(metadata)
        permit_call(identity.scopes, CALLS.get(method, method))
        return identity

    def _known(self, metadata: CallMetadata) -> Identity:
        # 1. a key, which must be the certificate's tenant's, where that has an entry
        # 2. no key, but a certificate with an entry  3. nobody we know
        text = bearer(metadata.authorization)
        client = self._client(metadata)
        found = self._judged(text, metadata)
        if isinstance(found, Key):
            if client is None or client.tenant == found.tenant:
                return Identity(found.tenant, found.scopes, found.id)
            found = Refusal.MISMATCH
        if client is not None and found is Refusal.ABSENT:
            return Identity(client.tenant, client)
        self._refused(found, text, metadata)
        raise Unauthenticated(REFUSED)

    def _client(self, metadata: CallMetadata) -> ClientCertificate | None:
        """What the certificate's first name with an entry stands for."""
        if not self._clients:
            return None
        names = metadata.peer.names()
        return next((self._clients[name] for name in names if name in self._clients), None)

    def _judged(self, text: str, metadata: CallMetadata) -> Key | Refusal:
        found = self.ring.judge(text, self._wall())
        if not self._guesses and found is not Refusal.WRONG:
            return found  # nobody guesses: no need to know the address
        address, key_id, now_s = metadata.peer.address(), id_of(text), self._clock()
        if self._guesses.too_many(address, key_id, now_s):
            return Refusal.THROTTLED
        if found is Refusal.WRONG:
            self._guesses.missed(address, key_id, now_s)
        return found

    def _refused(self, why: Refusal, text: str, metadata: CallMetadata) -> None:
        self.refusals[why] += 1
        address = metadata.peer.address()
        if not self._log.is_due(address, self._clock()):
            return
        # an id that is not ours may be part of another system's secret
        known = self.ring.keys.get(id_of(text))
        event = {
            "peer": address,
            "reason": why.value,
            "key_id": known.id if known else "",
            "tenant": known.tenant if known else "",
            "mistyped": bool(known) and not is_whole(text),
        }
        log.warning("a key was refused", extra={"event": event})


def bearer(authorization: str) -> str:
    """The token of `Bearer <token>`; empty for anything else."""
    scheme, _, token = authorization.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class _RefusalLog:
    """When each address was last told of; a flood of refusals is one line a minute."""

    def __init__(self) -> None:
        self._told_s: OrderedDict[str, float] = OrderedDict()

    def is_due(self, address: str, now_s: float) -> bool:
        if now_s - self._told_s.get(address, float("-inf")) < TOLD_AGAIN_S:
            return False
        self._told_s[address] = now_s
        self._told_s.move_to_end(address)
        if len(self._told_s) > MAX_ADDRESSES:
            self._told_s.popitem(last=False)
        return True
