"""Every kind of broken rule, named by its path; and that what is allowed passes."""

from typing import Any

import pytest
from google.protobuf.json_format import ParseDict

from gateway.api.bounds import MAX_VIOLATIONS, RULES, Entries, Items, Number, Text
from gateway.api.validation import REQUESTS, check
from gateway.core.errors import InvalidRequest, Violation
from gateway.v1.anomaly_pb2 import DetectAnomalyRequest, Point
from gateway.v1.chat_pb2 import ChatRequest, StreamChatRequest
from gateway.v1.feedback_pb2 import SubmitFeedbackRequest
from gateway.v1.keywords_pb2 import ExtractKeywordsRequest

USER = {"role": "ROLE_USER", "text": "hi"}
DAY = "2026-11-01T00:00:00Z"
NEXT = "2026-11-02T00:00:00Z"
SERIES = {"points": [{"time": DAY, "value": 1.0}]}
LISTING = {"title": "dog bed"}


def paths(message: Any) -> list[str]:
    try:
        check(message)
    except InvalidRequest as error:
        return [violation.field for violation in error.violations]
    return []


def chat(**fields: Any) -> Any:
    return ParseDict({"messages": [USER], **fields}, ChatRequest())


def keywords(**fields: Any) -> Any:
    return ParseDict({"listing": LISTING, **fields}, ExtractKeywordsRequest())


def anomaly(**fields: Any) -> Any:
    return ParseDict({"series": SERIES, **fields}, DetectAnomalyRequest())


def series(**fields: Any) -> Any:
    return anomaly(series={**SERIES, **fields})


ALLOWED = [
    chat(),
    chat(messages=[{"role": "ROLE_ASSISTANT", "text": "x" * 32_768}, USER]),
    chat(messages=[{"role": "ROLE_SYSTEM", "text": "你好\n\t\x00"}, USER], temperature=0),
    chat(maxOutputTokens=8_192, temperature=2, options={"locale": "zh-Hant-TW"}),
    chat(options={"labels": {f"k{i}": "v" * 256 for i in range(16)}, "endUserId": "用户 7"}),
    ParseDict({"chat": {"messages": [USER]}}, StreamChatRequest()),
    keywords(),
    keywords(listing={"attributes": {"color": "red"}}, maxKeywords=50, searchTermsMaxBytes=5_000),
    keywords(knownSearchTerms=[{"text": "bed", "weight": 0.001}]),
    anomaly(),
    anomaly(evaluate="EVALUATE_LAST_N", evaluateCount=20_000, minImpact=5),
    series(timeZone="Asia/Shanghai", unit="USD"),
    series(points=[{"time": NEXT, "value": 2}, {"time": DAY, "value": 1}]),
    series(points=[{"time": DAY, "value": 1}, {"time": DAY, "value": 1}]),
    series(points=[{"time": DAY, "missing": True, "value": "NaN"}]),
    anomaly(events=[{"start": DAY, "end": DAY, "name": "Singles' Day"}]),
    ParseDict({"requestId": "r"}, SubmitFeedbackRequest()),
]


@pytest.mark.parametrize("message", ALLOWED, ids=range(len(ALLOWED)))
def test_what_the_contract_allows_passes(message: Any) -> None:
    assert paths(message) == []


PRICE = {"name": "", "points": [{"time": DAY, "value": "Infinity"}]}
REFUSED: list[tuple[Any, list[str]]] = [
    # ---- texts
    (chat(conversationId="x" * 129), ["conversation_id"]),
    (chat(conversationId="a\nb"), ["conversation_id"]),
    (chat(customer={"id": "7\x00"}), ["customer.id"]),
    (
        chat(context={"store": "a\u2028b", "orderIds": ["1", "2\r"]}),
        ["context.store", "context.order_ids[1]"],
    ),
    (chat(messages=[{"role": "ROLE_USER", "text": ""}]), ["messages[0].text"]),
    (chat(messages=[{"role": "ROLE_USER", "text": "x" * 32_769}]), ["messages[0].text"]),
    (chat(options={"locale": "zh_CN"}), ["options.locale"]),
    (chat(options={"locale": "x" * 36}), ["options.locale"]),
    (chat(options={"endUserId": "\u202etxt"}), ["options.end_user_id"]),
    (series(timeZone="../../etc/passwd"), ["series.time_zone"]),
    (series(timeZone="Asia/Atlantis"), ["series.time_zone"]),
    # ---- lists and maps
    (ChatRequest(), ["messages"]),
    (chat(messages=[USER] * 101), ["messages"]),
    (chat(allowedTools=["t", ""]), ["allowed_tools[1]"]),
    (chat(allowedTools=["t"] * 33), ["allowed_tools"]),
    (chat(options={"labels": {str(i): "" for i in range(17)}}), ["options.labels"]),
    (chat(options={"labels": {"": "v"}}), ["options.labels['']"]),
    (chat(options={"labels": {"k" * 64: "v"}}), [f"options.labels['{'k' * 40}']"]),
    (chat(options={"labels": {"k": "v\r\n"}}), ["options.labels['k']"]),
    (
        keywords(listing={"title": "t", "attributes": {"蓝": "v" * 1_001}}),
        ["listing.attributes['\\u84dd']"],
    ),
    (keywords(bannedTerms=[""]), ["banned_terms[0]"]),
    # ---- roles and enums
    (chat(messages=[{"role": "ROLE_UNSPECIFIED", "text": "x"}, USER]), ["messages[0].role"]),
    (chat(messages=[{"role": 4, "text": "tool"}, USER]), ["messages[0].role"]),
    (chat(messages=[USER, {"role": "ROLE_ASSISTANT", "text": "x"}]), ["messages[1].role"]),
    (chat(messages=[{"role": "ROLE_SYSTEM", "text": "x"}]), ["messages[0].role"]),
    (
        chat(audience=9, options={"cache": 77, "answerBy": -1}),
        ["audience", "options.cache", "options.answer_by"],
    ),
    (anomaly(sensitivity=4, evaluate=9), ["evaluate", "sensitivity"]),
    # ---- numbers
    (chat(temperature=2.01), ["temperature"]),
    (chat(temperature="NaN"), ["temperature"]),
    (chat(temperature=-0.1, maxOutputTokens=8_193), ["max_output_tokens", "temperature"]),
    (chat(maxOutputTokens=-1), ["max_output_tokens"]),
    (keywords(maxKeywords=51, searchTermsMaxBytes=-1), ["max_keywords", "search_terms_max_bytes"]),
    (keywords(knownSearchTerms=[{"text": "t"}]), ["known_search_terms[0].weight"]),
    (
        keywords(knownSearchTerms=[{"text": "t", "weight": "Infinity"}]),
        ["known_search_terms[0].weight"],
    ),
    (anomaly(minImpact="-Infinity"), ["min_impact"]),
    (anomaly(minImpact=-1), ["min_impact"]),
    (anomaly(evaluate="EVALUATE_LAST_N"), ["evaluate_count"]),
    (anomaly(evaluateCount=20_001), ["evaluate_count"]),
    # ---- what must be there
    (StreamChatRequest(), ["chat"]),
    (StreamChatRequest(chat=ChatRequest()), ["chat.messages"]),
    (ExtractKeywordsRequest(), ["listing"]),
    (keywords(listing={"title": " ", "bulletPoints": [""]}), ["listing"]),
    (DetectAnomalyRequest(), ["series"]),
    (anomaly(series={}), ["series.points"]),
    (SubmitFeedbackRequest(), ["request_id"]),
    # ---- times and points
    (series(points=[{"value": 1}]), ["series.points[0].time"]),
    (series(points=[{"time": "1989-12-31T00:00:00Z"}]), ["series.points[0].time"]),
    (series(points=[{"time": "2100-01-01T00:00:00Z"}]), ["series.points[0].time"]),
    (series(points=[{"time": DAY, "value": "NaN"}]), ["series.points[0].value"]),
    (
        series(points=[{"time": DAY, "value": 1}, {"time": DAY, "value": 2}]),
        ["series.points[1].time"],
    ),
    (
        series(points=[{"time": DAY, "value": 0}, {"time": DAY, "missing": True}]),
        ["series.points[1].time"],
    ),
    (anomaly(covariates=[PRICE]), ["covariates[0].name", "covariates[0].points[0].value"]),
    (anomaly(events=[{"start": NEXT, "end": DAY, "name": "x"}]), ["events[0].end"]),
    (
        anomaly(events=[{"start": DAY, "name": "x", "expectedEffect": 3}]),
        ["events[0].end", "events[0].expected_effect"],
    ),
]


@pytest.mark.parametrize(("message", "expected"), REFUSED, ids=range(len(REFUSED)))
def test_a_broken_rule_is_named_by_its_path(message: Any, expected: list[str]) -> None:
    assert paths(message) == expected


def test_nanos_out_of_range_are_refused() -> None:
    point = Point(value=1)
    point.time.seconds, point.time.nanos = 1_700_000_000, -1
    message = DetectAnomalyRequest()
    message.series.points.append(point)
    assert paths(message) == ["series.points[0].time"]


def test_at_most_twenty_violations_are_listed_however_many_there_are() -> None:
    message = series(points=[{"time": DAY, "value": "NaN"} for _ in range(5_000)])
    assert len(paths(message)) == MAX_VIOLATIONS


def test_violations_of_the_metadata_come_first() -> None:
    with pytest.raises(InvalidRequest) as caught:
        check(ChatRequest(), [Violation("x-request-id", "wrong")])
    assert [v.field for v in caught.value.violations] == ["x-request-id", "messages"]


@pytest.mark.parametrize("request_type", REQUESTS, ids=lambda t: t.__name__)
def test_the_empty_request_breaks_a_rule_of_every_call(request_type: Any) -> None:
    assert paths(request_type())


def one_too_many(message: str, field: str) -> tuple[Any, str] | None:
    """A request one beyond the bound of a top-level list, map, text or number, and the field."""
    rule = RULES[message][field]
    request = {t.__name__: t for t in REQUESTS}[message]()
    match rule:
        case Text(most=most):
            setattr(request, field, "x" * (most + 1))
        case Items(most=most, each=Text()):
            getattr(request, field).extend(["x"] * (most + 1))
        case Items(most=most):
            for _ in range(most + 1):
                getattr(request, field).add()
        case Number(high=high) if high < float("inf"):
            setattr(request, field, int(high) + 1)
        case Entries() | _:
            return None
    return request, field


TOP_LEVEL = [
    (t.__name__, field)
    for t in REQUESTS
    for field in RULES[t.__name__]
    if one_too_many(t.__name__, field)
]


@pytest.mark.parametrize(("message", "field"), TOP_LEVEL)
def test_one_beyond_the_bound_is_refused(message: str, field: str) -> None:
    beyond = one_too_many(message, field)
    assert beyond is not None
    with pytest.raises(InvalidRequest) as caught:
        check(beyond[0])
    assert field in {violation.field for violation in caught.value.violations}
