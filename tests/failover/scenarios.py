"""The scenarios as data: what the primary does, what the fallback does, when it counts."""

from dataclasses import dataclass

from tests.failover import verdicts
from tests.failover.verdicts import Judge


@dataclass(frozen=True)
class Scenario:
    """One scenario. `main` and `spare` are behaviours of the fault server.

    `id` names its deployments and its label; `place`: where the primary lives: the fault server,
    one with a certificate nobody trusts (tls), or a name that does not exist (dns).
    """

    id: str
    title: str
    main: str
    judge: Judge
    spare: str = "ok+pace-0.01"
    unary: bool = True
    stream: bool = True
    place: str = "faults"
    larger_spare: bool = False
    spare_off: bool = False


SIXTEEN = (
    Scenario("s01", "1. 429 with Retry-After 2 s, then fine", "status-429-retry-2-then-ok",
             verdicts.honours_retry_after),
    Scenario("s02", "2. 429 for ever, no header", "status-429", verdicts.backs_off),
    Scenario("s03", "3. 500 once", "once-500-then-ok", verdicts.same_deployment),
    Scenario("s04", "4. 503 for ever", "status-503", verdicts.bounded_fallback),
    Scenario("s05", "5. reset before any byte, once", "reset-then-ok", verdicts.same_deployment),
    Scenario("s06", "6. accepts, then silent 120 s", "silent-120", verdicts.leaves_silence),
    Scenario("s07a", "7. first event after 20 s", "slow-first-20",
             verdicts.within(15.0, verdicts.answered)),
    Scenario("s07b", "7. first token after 20 s", "slow-token-20",
             verdicts.within(15.0, verdicts.answered)),
    Scenario("s08a", "8. cut after 40 of 60 tokens (FIN)", "cut-40", verdicts.answered),
    Scenario("s08b", "8. ... (RST)", "cut-40-reset", verdicts.answered),
    Scenario("s08c", "8. ... (a clean end of body)", "cut-40-clean", verdicts.answered),
    Scenario("s08d", "8. ... (inside an event)", "cut-40-event", verdicts.answered),
    Scenario("s09", "9. stalls 30 s after 20 tokens", "stall-20-30-then-ok", verdicts.answered),
    Scenario("s10a", "10. tenth event is invalid JSON", "badjson-10", verdicts.answered),
    Scenario("s10b", "10. an invalid event too many", "badjson-extra-10", verdicts.answered),
    Scenario("s11a", "11. complete, no end marker", "no-end+usage-last", verdicts.reports_usage),
    Scenario("s11b", "11. ... and left open 30 s", "no-end-open-30+usage-last",
             verdicts.reports_usage),
    Scenario("s12a", "12. context exceeded, no larger model", "context",
             verdicts.refused("CONTEXT_TOO_LONG"), spare_off=True),
    Scenario("s12b", "12. context exceeded, a larger model", "context",
             verdicts.one_try_or_larger, larger_spare=True),
    Scenario("s13", "13. content policy", "content-filter", verdicts.refused("CONTENT_FILTERED")),
    Scenario("s14", "14. as 8, the fallback refuses a prefill", "cut-40", verdicts.answered,
             spare="prefill-refused"),
    Scenario("s16", "16. primary down: the reply names the fallback", "reset",
             verdicts.names_fallback),
)  # fmt: skip
"""The bench's sixteen, some in several flavours; 15 is a run of its own (`outage`)."""

OWN = (
    Scenario("o01", "one byte every 0.05 s", "slow-bytes-1-0.05", verdicts.answered),
    Scenario("o02", "one byte every 0.05 s, head too", "slow-bytes-1-0.05-head", verdicts.answered),
    Scenario("o03", "a body of 100 MB", "huge-100", verdicts.by_spare),
    Scenario("o04", "gzip that unpacks to 100 MB", "gzip-bomb-100", verdicts.by_spare),
    Scenario("o05", "a stream without end", "endless", verdicts.by_spare),
    Scenario("o06", "redirect to another host", "redirect-307", verdicts.not_redirected),
    Scenario("o07", "choices: []", "empty-choices", verdicts.by_spare),
    Scenario("o08", "content: null", "null-content", verdicts.by_spare),
    Scenario("o09", "no characters", "empty-text", verdicts.by_spare),
    Scenario("o10", "401", "status-401", verdicts.by_spare),
    Scenario("o11", "no money left", "quota", verdicts.by_spare),
    Scenario("o12", "usage missing", "usage-none", verdicts.answered),
    Scenario("o13", "usage all zero", "usage-zero", verdicts.answered),
    Scenario("o14", "wrong content type", "content-type", verdicts.answered),
    Scenario("o15", "a web page", "not-json", verdicts.by_spare),
    Scenario("o16", "answers for another model", "other-model", verdicts.answered),
    Scenario("o17", "an error after 20 tokens", "midstream-error-20", verdicts.by_spare),
    Scenario("o18", "status 200 with an error", "error-200", verdicts.by_spare),
    Scenario("o19", "a chunk twice", "dup-5", verdicts.survived, unary=False),
    Scenario("o20", "chunks out of order", "swap-5", verdicts.survived, unary=False),
    Scenario("o21", "connection closed before any byte", "close", verdicts.by_spare),
    Scenario("o22", "reset after the head", "reset-headers", verdicts.by_spare),
    Scenario("o23", "the head, then silence", "silent-headers", verdicts.by_spare),
    Scenario("o24", "no finish reason", "no-finish", verdicts.answered),
    Scenario("o25", "the certificate is nobody's", "ok", verdicts.by_spare, place="tls"),
    Scenario("o26", "the name does not exist", "ok", verdicts.by_spare, place="dns"),
    Scenario("o27", "hangs for ever after 20 tokens", "hang-20", verdicts.by_spare),
    Scenario("o28", "writes split inside characters", "ok+split", verdicts.answered),
    Scenario("o29", "404, no such model", "status-404", verdicts.by_spare),
    Scenario("o30", "422", "status-422", verdicts.by_spare),
)
"""The project's own."""
