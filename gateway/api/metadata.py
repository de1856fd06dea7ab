"""What a caller may send beside the message. Everything else in the metadata is ignored.

Metadata is hostile until read: every value is bounded and checked before it is kept, logged or
echoed, and one that steers the gateway (request id, ERP version) is refused rather than repaired.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import field

from gateway.api.peer import NOWHERE, Peer
from gateway.core.errors import Violation
from gateway.core.record import record

REQUEST_ID = "x-request-id"
ERP_VERSION = "x-erp-version"
TRACEPARENT = "traceparent"
AUTHORIZATION = "authorization"
KNOWN = frozenset({REQUEST_ID, ERP_VERSION, TRACEPARENT, AUTHORIZATION})

MAX_AUTHORIZATION_CHARACTERS = 1_024
"""Longest authorization value; our keys are far shorter."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}")
_ERP_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
# W3C Trace Context: version 00; an all-zero id is invalid
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


@record(frozen=True, slots=True)
class CallMetadata:
    """The metadata of one call, checked, and who sent it.

    `request_id` is as sent, or made; others may be empty.
    """

    request_id: str
    erp_version: str = ""
    traceparent: str = ""
    authorization: str = field(default="", repr=False)
    violations: tuple[Violation, ...] = ()
    peer: Peer = NOWHERE
    own_id: bool = False
    """Whether the caller sent the request id: then a call sent again gets the first answer."""


def read(
    pairs: Iterable[tuple[str, str | bytes]], make_id: Callable[[], str], peer: Peer = NOWHERE
) -> CallMetadata:
    """Read the known names; what is wrong with them is in `violations`, to be listed later.

    An invalid traceparent is dropped, as W3C Trace Context asks; so the trace starts anew.
    """
    sent: dict[str, str] = {}
    violations: list[Violation] = []
    for name, value in pairs:
        if name not in KNOWN:
            continue
        if name in sent:
            violations.append(Violation(name, "sent more than once; send it once"))
        elif isinstance(value, str):
            sent[name] = value
    request_id = _checked(
        sent, REQUEST_ID, _REQUEST_ID, violations, "at most 128 of A-Z a-z 0-9 . _ : / + = @ -"
    )
    erp_version = _checked(
        sent, ERP_VERSION, _ERP_VERSION, violations, "at most 64 of A-Z a-z 0-9 . _ + -"
    )
    authorization = sent.get(AUTHORIZATION, "")
    if len(authorization) > MAX_AUTHORIZATION_CHARACTERS:
        violations.append(
            Violation(AUTHORIZATION, f"longer than {MAX_AUTHORIZATION_CHARACTERS} characters")
        )
        authorization = ""
    traceparent = sent.get(TRACEPARENT, "")
    return CallMetadata(
        request_id=request_id or make_id(),
        erp_version=erp_version,
        traceparent=traceparent if _TRACEPARENT.fullmatch(traceparent) else "",
        authorization=authorization,
        violations=tuple(violations),
        peer=peer,
        own_id=bool(request_id),
    )


def _checked(
    sent: dict[str, str],
    name: str,
    pattern: re.Pattern[str],
    violations: list[Violation],
    allowed: str,
) -> str:
    value = sent.get(name, "")
    if value and not pattern.fullmatch(value):
        violations.append(Violation(name, f"must be {allowed}, beginning with a letter or digit"))
        return ""
    return value
