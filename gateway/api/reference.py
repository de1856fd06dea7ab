"""docs/errors.md and docs/limits.md, written from the tables they describe.

`python -m gateway.api.reference` rewrites both; a test fails when they are behind.
"""

from collections.abc import Iterable
from pathlib import Path

from gateway.api.bounds import (
    MAX_VIOLATIONS,
    RULES,
    Chosen,
    Entries,
    Items,
    Kind,
    Moment,
    Needed,
    Number,
    Rule,
    Text,
)
from gateway.api.connect_protocol import HTTP_STATUS
from gateway.api.error_table import DOMAIN, INTERNAL, INTERNAL_MESSAGE, TABLE, Row
from gateway.api.errors import TooLarge
from gateway.api.gate import MAX_CALLS
from gateway.api.grpc_options import MIB, GrpcOptions, channel_options
from gateway.api.metadata import MAX_AUTHORIZATION_CHARACTERS
from gateway.api.status import MAX_STATUS_BYTES

DOCS = Path(__file__).parents[2] / "docs"
_WRITTEN = "<!-- Written by `python -m gateway.api.reference` from the code's own tables. -->"
_OPTIONS = GrpcOptions()


def errors() -> str:
    """The text of docs/errors.md."""
    rows = [_error_row(row) for row in (*TABLE.values(), INTERNAL)]
    return _page(
        "# Errors",
        _WRITTEN,
        "Every failed call ends with a canonical code and a `google.rpc.Status` in "
        "`grpc-status-details-bin`. Its first detail is an `ErrorInfo`: branch on `reason`, never "
        f"on the message. `domain` is `{DOMAIN}`; `metadata.request_id` is what to quote to the "
        "gateway's operators (it is also in the trailer `x-request-id`). Message and details "
        f"together take at most {MAX_STATUS_BYTES:,} bytes as sent. Over HTTP the same stands in "
        "the error's JSON ([http.md](http.md)).",
        _table(("Code", "HTTP", "Reason", "When", "Details", "Retry"), rows),
        "- Retry `wait`: `RetryInfo` and the trailer `grpc-retry-pushback-ms` say how long, with "
        "jitter. `never`: the pushback is -1, since the gateway has retried already. `-`: the same "
        "request would fail again, or waiting is up to the caller (`RetryInfo` of a quota).\n"
        f"- `BadRequest` lists up to {MAX_VIOLATIONS} broken rules by field path, such as "
        "`messages[3].text`. See [limits.md](limits.md).\n"
        "- `attempts` lists `deployment:outcome` pairs; outcomes are those of `AttemptOutcome`.\n"
        f"- `INTERNAL` always has the text `{INTERNAL_MESSAGE}`.",
        "## From gRPC itself",
        "These come without an `ErrorInfo`, because no handler has seen the call:",
        _table(
            ("Code", "When"),
            [
                ("RESOURCE_EXHAUSTED", "the message or the metadata is larger than the limit"),
                (
                    "UNAVAILABLE",
                    "no connection: the server is starting, stopping or unreachable",
                ),
                ("DEADLINE_EXCEEDED", "the caller's own deadline passed while it waited"),
                (
                    "CANCELLED",
                    "the caller hung up; or, rarely, the server was stopped before a handler had "
                    "the call. Retry it if you did not cancel it",
                ),
                ("UNIMPLEMENTED", "the message is compressed in a way the server does not know"),
                ("INTERNAL", "the HTTP/2 stream broke gRPC's rules"),
            ],
        ),
    )


def limits() -> str:
    """The text of docs/limits.md."""
    sections = [
        f"### {message}\n\n"
        + _table(("Field", "Limit"), [(f"`{field}`", _limit(rule)) for field, rule in rows.items()])
        for message, rows in RULES.items()
    ]
    return _page(
        "# Limits",
        _WRITTEN,
        "A request beyond a limit is refused as INVALID_ARGUMENT (`INVALID_REQUEST`), all its "
        f"faults at once, at most {MAX_VIOLATIONS}. Characters are Unicode code points. Numbers "
        "are finite, enum numbers are known ones. Rules across fields: the last message of a chat "
        "is the user's; a listing holds a title, bullet points, a description or attributes; an "
        "event does not end before it starts; two values for one time are refused (repeated "
        "identically, or out of order, is fine); a series spans at most 200,000 intervals, and a "
        "listing holds a letter or a digit; `evaluate_count` is needed with "
        "`EVALUATE_LAST_N`.",
        "## Fields",
        *sections,
        "## Metadata",
        _table(
            ("Name", "Limit"),
            [
                ("`x-request-id`", "1 to 128 of `A-Z a-z 0-9 . _ : / + = @ -`; made when absent"),
                ("`x-erp-version`", "1 to 64 of `A-Z a-z 0-9 . _ + -`"),
                ("`traceparent`", "W3C Trace Context, version 00; ignored when invalid"),
                ("`authorization`", f"at most {MAX_AUTHORIZATION_CHARACTERS:,} characters"),
                ("all together", f"{_OPTIONS.max_metadata_bytes // 1024} KiB"),
            ],
        ),
        "## Server",
        _table(
            ("What", "Limit"),
            [
                ("request", f"{_OPTIONS.max_request_bytes // MIB} MiB, unpacked"),
                ("calls of one method in progress", f"{MAX_CALLS:,}; health checks never count"),
                *((f"`{name}`", f"{value:,}") for name, value in channel_options(_OPTIONS)),
            ],
        ),
    )


def _error_row(row: Row) -> tuple[str, ...]:
    retry = {True: "wait", False: "never", None: "-"}[row.retry]
    http = "413, 431" if row is TABLE[TooLarge] else str(HTTP_STATUS[row.code])
    return (row.code.name, http, f"`{row.reason}`", row.when, row.details or "-", retry)


def _limit(rule: Rule) -> str:
    match rule:
        case Text():
            return _text(rule)
        case Items(each=Text() as each):
            return f"{rule.phrases()[0].split(',')[0]} items, each {_text(each)}"
        case Items():
            return f"{rule.phrases()[0]} items"
        case Entries(key=key, value=value):
            return f"at most {rule.most:,} entries; key {_text(key)}; value {_text(value)}"
        case Number():
            return rule.phrases()[0] + (", or 0 for not given" if rule.or_zero else "")
        case Moment():
            return f"needed; {rule.phrases()[0]}"
        case Chosen():
            return "needed"
        case Needed():
            return "needed"


def _text(rule: Text) -> str:
    kind = "" if rule.kind is Kind.FREE else f", {rule.kind.value}"
    return rule.phrases()[0] + kind


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _page(*parts: str) -> str:
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    (DOCS / "errors.md").write_text(errors(), encoding="utf-8")
    (DOCS / "limits.md").write_text(limits(), encoding="utf-8")
