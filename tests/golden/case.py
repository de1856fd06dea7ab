"""The golden cases as data, and the matchers of README.md. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent / "cases"
ZEROS = (None, 0, "", False, "0")


@dataclass(frozen=True, slots=True)
class Case:
    """One file."""

    name: str
    why: str
    steps: Sequence[Mapping[str, Any]]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended, in the words of the cases. `events` are proto JSON."""

    status: str = "OK"
    reason: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    violations: Sequence[tuple[str, str]] = ()
    retry_after_s: float | None = None
    request_id: str = ""
    response: Mapping[str, Any] | None = None
    events: Sequence[Mapping[str, Any]] = ()


def cases() -> list[Case]:
    """All of them, by name."""
    return [Case(**json.loads(file.read_text())) for file in sorted(CASES.glob("*.json"))]


def wrong(outcome: Outcome, expect: Mapping[str, Any], whole: bool = True) -> list[str]:
    """What does not hold; empty when all does. `whole`: the call was not cut off on purpose."""
    return list(_wrong(outcome, expect, whole))


def _wrong(outcome: Outcome, expect: Mapping[str, Any], whole: bool) -> Iterator[str]:
    status = expect.get("status", "OK")
    if outcome.status not in ([status] if isinstance(status, str) else status):
        yield f"status is {outcome.status} {outcome.reason}, not {status}"
        return
    if "reason" in expect and outcome.reason != expect["reason"]:
        yield f"reason is {outcome.reason!r}, not {expect['reason']!r}"
    if "reason" in expect and outcome.metadata.get("request_id") != outcome.request_id:
        yield f"ErrorInfo has request id {outcome.metadata.get('request_id')!r}"
    yield from _unmatched(outcome.metadata, expect.get("metadata", {}), nested=False)
    fields = [name for name, _ in outcome.violations]
    if "violations" in expect and fields != expect["violations"]:
        yield f"violations are {fields}"
    for (_, text), matcher in zip(
        outcome.violations, expect.get("violation_texts", ()), strict=False
    ):
        if not matches(text, matcher):
            yield f"violation text {text!r} does not match {matcher!r}"
    if expect.get("retry_info") and not outcome.retry_after_s:
        yield "there is no RetryInfo"
    yield from _unmatched(outcome.response or {}, expect.get("response", {}))
    if outcome.response is not None and at(outcome.response, "info.requestId") != (
        outcome.request_id
    ):
        yield f"info.requestId is {at(outcome.response, 'info.requestId')!r}"
    yield from _wrong_events(outcome, expect, whole)


def _wrong_events(outcome: Outcome, expect: Mapping[str, Any], whole: bool) -> Iterator[str]:
    if outcome.events and outcome.status == "OK" and whole:
        shown = "".join(_since_restart(outcome.events)).strip()
        if at(outcome.events[-1], "completed.text") != shown:
            yield f"the deltas say {shown!r}, `completed` something else"
    if "events" not in expect:
        return
    kinds = _kinds(outcome.events)
    wanted = [item if isinstance(item, str) else next(iter(item)) for item in expect["events"]]
    if [kind for kind, _ in kinds] != wanted:
        yield f"events are {[kind for kind, _ in kinds]}, not {wanted}"
        return
    for (kind, body), item in zip(kinds, expect["events"], strict=True):
        if not isinstance(item, str):
            yield from _unmatched(body, item[kind])


def _kinds(events: Sequence[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    """Kind and body of each event, neighbouring deltas as one."""
    found: list[tuple[str, Mapping[str, Any]]] = []
    for event in events:
        kind, body = next(iter(event.items()))
        if not (kind == "delta" and found and found[-1][0] == "delta"):
            found.append((kind, body))
    return found


def _since_restart(events: Sequence[Mapping[str, Any]]) -> list[str]:
    texts: list[str] = []
    for event in events:
        if "restarted" in event:
            texts.clear()
        texts.append(str(at(event, "delta.text") or ""))
    return texts


def _unmatched(
    value: Mapping[str, Any], expected: Mapping[str, Any], nested: bool = True
) -> Iterator[str]:
    for path, matcher in expected.items():
        found = at(value, path) if nested else value.get(path)
        if not matches(found, matcher):
            yield f"{path} is {found!r}, which does not match {matcher!r}"


def at(value: Any, path: str) -> Any:
    """What stands at a path; None where nothing does."""
    for step in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def matches(value: Any, matcher: Any) -> bool:
    """Whether a value is what a matcher asks for."""
    if not isinstance(matcher, Mapping):
        return _equal(value, matcher)
    return all(_holds(value, name, wanted) for name, wanted in matcher.items())


def _equal(value: Any, wanted: Any) -> bool:
    if _is_zero(value) or _is_zero(wanted):
        return _is_zero(value) and _is_zero(wanted)
    return (type(value) is type(wanted) and bool(value == wanted)) or _same_number(value, wanted)


def _is_zero(value: Any) -> bool:
    return any(
        value is zero or (type(value) is type(zero) and value == zero) for zero in ZEROS
    ) or (isinstance(value, float) and value == 0)


def _same_number(value: Any, wanted: Any) -> bool:
    numbers = all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in (value, wanted)
    )
    return numbers and bool(value == wanted)


def _holds(value: Any, name: str, wanted: Any) -> bool:  # one line for each matcher
    match name:
        case "size":
            return bool(len(value or ()) == wanted)
        case "min_size":
            return bool(len(value or ()) >= wanted)
        case "min":
            return bool(float(value or 0) >= wanted)
        case "max":
            return bool(float(value or 0) <= wanted)
        case "contains":
            return wanted in (value or "")
        case "one_of":
            return any(_equal(value, one) for one in wanted)
        case "not":
            return not _equal(value, wanted)
    raise ValueError(f"no matcher {name!r}; README.md lists them")
