"""Protobuf and the domain: enums complete, nothing lost on the way."""

from collections.abc import Mapping
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict

from gateway.api import convert_anomaly, convert_chat, convert_common, convert_keywords
from gateway.api.convert_chat import chat_request, chat_response
from gateway.api.convert_common import Passage, answer_info, caller, duration, timestamp
from gateway.api.convert_stream import TOOL_STATE, stream_message
from gateway.api.metadata import CallMetadata
from gateway.api.ports import Identity
from gateway.core.events import Completed, Delta, Event, Restarted, Started, ToolProgress
from gateway.core.model import (
    Answer,
    AnswerBy,
    Attempt,
    CacheMode,
    Deadline,
    DegradeReason,
    Finish,
    Outcome,
    Role,
    Source,
    Usage,
)
from gateway.tasks import nouns
from gateway.tasks.chat.model import (
    AnswerKind,
    Audience,
    ChatReply,
    Citation,
    Handoff,
    PendingAction,
    Suggestion,
    ToolResult,
)
from gateway.v1 import anomaly_pb2, chat_pb2, common_pb2, keywords_pb2
from tests.api.fakes import ANOMALY, KEYWORDS

PASSAGE = Passage("r-1", 0.25)

INBOUND: list[tuple[Mapping[int, Any], Any, set[int]]] = [
    (convert_common.ANSWER_BY, common_pb2.AnswerBy, set()),
    (convert_common.CACHE_MODE, common_pb2.CacheMode, set()),
    (convert_chat.ROLE, chat_pb2.Role, {chat_pb2.ROLE_UNSPECIFIED}),  # refused before
    (convert_chat.AUDIENCE, chat_pb2.Audience, set()),
    (convert_anomaly.INTERVAL, anomaly_pb2.Interval, set()),
    (convert_anomaly.MEASURE, anomaly_pb2.Measure, set()),
    (convert_anomaly.EVALUATE, anomaly_pb2.Evaluate, set()),
    (convert_anomaly.SENSITIVITY, anomaly_pb2.Sensitivity, set()),
    (convert_anomaly.EFFECT, anomaly_pb2.EventEffect, set()),
]
OUTBOUND: list[tuple[Mapping[Any, int], Any]] = [
    (convert_common.SOURCE, common_pb2.Source),
    (convert_common.DEGRADE_REASON, common_pb2.DegradeReason),
    (convert_common.OUTCOME, common_pb2.AttemptOutcome),
    (convert_chat.ANSWER_KIND, chat_pb2.AnswerKind),
    (convert_keywords.FIELD, keywords_pb2.ListingField),
    (convert_anomaly.DIRECTION, anomaly_pb2.Direction),
    (convert_anomaly.KIND, anomaly_pb2.AnomalyKind),
    (convert_anomaly.SEVERITY, anomaly_pb2.Severity),
]


@pytest.mark.parametrize(("table", "enum", "refused"), INBOUND, ids=lambda v: str(v)[:30])
def test_every_number_a_caller_may_send_has_a_meaning(
    table: Mapping[int, Any], enum: Any, refused: set[int]
) -> None:
    assert set(table) == set(enum.values()) - refused


@pytest.mark.parametrize(("table", "enum"), OUTBOUND, ids=lambda v: str(v)[:30])
def test_every_word_of_ours_has_its_number_and_every_number_its_word(
    table: Mapping[Any, int], enum: Any
) -> None:
    ours: Any = type(next(iter(table)))
    assert set(table) == set(ours)
    said = sorted(number for word, number in table.items() if word.name != "NONE")
    assert said == sorted(set(enum.values()) - {0})


@pytest.mark.parametrize(("table", "enum"), OUTBOUND, ids=lambda v: str(v)[:30])
def test_names_agree_on_both_sides(table: Mapping[Any, int], enum: Any) -> None:
    for word, number in table.items():
        # the contract names one bullet point and one attribute, the rules the field of them
        name = "UNSPECIFIED" if word.name == "NONE" else word.name
        assert enum.Name(number).endswith((f"_{name}", f"_{name.removesuffix('S')}"))


def test_every_way_a_model_stops_has_its_reason() -> None:
    assert set(convert_chat.FINISH) == set(Finish)
    assert set(convert_chat.FINISH.values()) == set(chat_pb2.FinishReason.values()) - {0}


def test_every_tool_state_is_told() -> None:
    assert sorted(TOOL_STATE.values()) == sorted(set(chat_pb2.StreamTool.State.values()) - {0})


def test_options_and_metadata_make_the_caller() -> None:
    options = common_pb2.RequestOptions(
        locale="zh-CN",
        labels={"team": "eu"},
        cache=common_pb2.CACHE_MODE_REFRESH,
        answer_by=common_pb2.ANSWER_BY_MODEL_ONLY,
        end_user_id="u",
    )
    who = caller(
        CallMetadata("r", "1.2", "tp", "key"), Identity("shop", key_id="k1"), options, Deadline(9.0)
    )
    assert (who.request_id, who.tenant, who.erp_version, who.traceparent) == (
        "r", "shop", "1.2", "tp",
    )  # fmt: skip
    assert (who.locale, who.labels, who.end_user_id) == ("zh-CN", {"team": "eu"}, "u")
    assert (who.answer_by, who.cache) == (AnswerBy.MODEL_ONLY, CacheMode.REFRESH)
    assert who.deadline.at_s == 9.0


def test_the_trail_is_told_whole() -> None:
    answer = Answer(
        value=None,
        source=Source.MODEL,
        route="r",
        model_version="v0.1",
        config_version="abc",
        deployment="qwen",
        model="qwen-plus",
        degrade_reason=DegradeReason.FALLBACK_MODEL,
        attempts=(
            Attempt("deepseek", Outcome.TIMEOUT, 0.1, 1),
            Attempt("qwen", Outcome.OK, 0.05, 2),
        ),
        usage=Usage(10, 4, 6, 2, 1234),
        model_latency_s=0.15,
    )
    assert MessageToDict(answer_info(answer, PASSAGE), preserving_proto_field_name=True) == {
        "request_id": "r-1",
        "source": "SOURCE_MODEL",
        "deployment": "qwen",
        "model": "qwen-plus",
        "model_version": "v0.1",
        "config_version": "abc",
        "degraded": True,
        "degrade_reason": "DEGRADE_REASON_FALLBACK_MODEL",
        "attempts": [
            {
                "deployment": "deepseek",
                "outcome": "ATTEMPT_OUTCOME_TIMEOUT",
                "latency": "0.100s",
                "order": 1,
            },
            {
                "deployment": "qwen",
                "outcome": "ATTEMPT_OUTCOME_OK",
                "latency": "0.050s",
                "order": 2,
            },
        ],
        "usage": {
            "input_tokens": "10",
            "cached_input_tokens": "4",
            "output_tokens": "6",
            "reasoning_tokens": "2",
            "cost_usd_micros": "1234",
        },
        "gateway_latency": "0.100s",
        "model_latency": "0.150s",
    }


def test_a_cached_answer_tells_its_age_and_others_none() -> None:
    fresh = Answer(value=None, source=Source.RULES, route="r")
    assert not answer_info(fresh, PASSAGE).HasField("cache_age")
    cached = Answer(value=None, source=Source.CACHE, route="r", cache_age_s=0.0)
    assert answer_info(cached, PASSAGE).HasField("cache_age")


def test_durations_never_go_below_zero_and_times_keep_milliseconds() -> None:
    assert duration(-1e-9).ToNanoseconds() == 0
    assert duration(1.5).ToNanoseconds() == 1_500_000_000
    assert timestamp(1_700_000_000.123).ToMilliseconds() == 1_700_000_000_123


def test_a_chat_request_keeps_every_field() -> None:
    message = ParseDict(
        {
            "conversation_id": "c",
            "messages": [
                {"role": "ROLE_ASSISTANT", "text": "a"},
                {"role": "ROLE_USER", "text": "b"},
            ],
            "customer": {"id": "7", "verified": True},
            "audience": "AUDIENCE_OPERATOR",
            "context": {"store": "s", "marketplace": "m", "order_ids": ["1", "2"], "sku": "k"},
            "knowledge_base": "kb",
            "allowed_tools": ["t"],
            "confirm_token": "ct",
            "max_output_tokens": 5,
            "temperature": 0,
            "remember": True,
            "options": {"locale": "de"},
        },
        chat_pb2.ChatRequest(),
    )
    asked = chat_request(message)
    assert [(m.role, m.text) for m in asked.messages] == [(Role.ASSISTANT, "a"), (Role.USER, "b")]
    assert (asked.conversation_id, asked.customer_id, asked.customer_verified) == ("c", "7", True)
    assert (asked.audience, asked.store, asked.marketplace) == (Audience.OPERATOR, "s", "m")
    assert (asked.order_ids, asked.sku, asked.knowledge_base) == (("1", "2"), "k", "kb")
    assert (asked.allowed_tools, asked.confirm_token) == (("t",), "ct")
    assert (asked.max_output_tokens, asked.temperature) == (5, 0.0)
    assert (asked.remember, asked.locale, asked.question) == (True, "de", "b")


def test_an_absent_temperature_is_none_and_not_zero() -> None:
    assert chat_request(chat_pb2.ChatRequest()).temperature is None


REPLY = ChatReply(
    text="Refund it?",
    kind=AnswerKind.TOOL_TEMPLATE,
    conversation_id="c",
    intent="tool:refund",
    intent_confidence=0.9,
    citations=(Citation("d", "t", "q"),),
    suggestions=(Suggestion("f", "q?"),),
    tool_results=(ToolResult("refund", "ready", ok=True),),
    pending_action=PendingAction("refund", "Refund 5 USD", "token", 1_800_000_000.0),
    handoff=Handoff(needed=True, reason="asked_for_person", summary="s"),
)


def test_a_chat_reply_keeps_every_field() -> None:
    answer = Answer(value=REPLY, source=Source.RULES, route="r")
    told = MessageToDict(chat_response(answer, PASSAGE), preserving_proto_field_name=True)
    del told["info"]
    assert told == {
        "text": "Refund it?",
        "conversation_id": "c",
        "answer_kind": "ANSWER_KIND_TOOL_TEMPLATE",
        "intent": "tool:refund",
        "intent_confidence": 0.9,
        "citations": [{"document": "d", "title": "t", "quote": "q"}],
        "suggestions": [{"faq_id": "f", "question": "q?"}],
        "tool_results": [{"tool": "refund", "summary": "ready", "ok": True}],
        "pending_action": {
            "tool": "refund",
            "text": "Refund 5 USD",
            "confirm_token": "token",
            "expires_at": "2027-01-15T08:00:00Z",
        },
        "handoff": {"needed": True, "reason": "asked_for_person", "summary": "s"},
        "finish_reason": "FINISH_REASON_STOP",
    }


EVENTS: list[tuple[Event, dict[str, Any]]] = [
    (
        Started("qwen"),
        {"started": {"request_id": "r-1", "conversation_id": "c", "deployment": "qwen"}},
    ),
    (Delta("hi"), {"delta": {"text": "hi"}}),
    (ToolProgress("t", "done"), {"tool": {"tool": "t", "state": "STATE_DONE"}}),
    (
        Restarted("qwen", Outcome.TRUNCATED, ""),
        {"restarted": {"failed_deployment": "qwen", "outcome": "ATTEMPT_OUTCOME_TRUNCATED"}},
    ),
]


@pytest.mark.parametrize(("event", "told"), EVENTS, ids=lambda v: type(v).__name__)
def test_every_event_is_told(event: Event, told: dict[str, Any]) -> None:
    message = stream_message(event, "c", PASSAGE)
    assert MessageToDict(message, preserving_proto_field_name=True) == told


def test_completed_holds_the_whole_answer() -> None:
    answer = Answer(value=REPLY, source=Source.RULES, route="r")
    message = stream_message(Completed(answer), "c", PASSAGE)
    assert message.completed == chat_response(answer, PASSAGE)


def test_a_listing_keeps_every_field_and_equal_maps_are_equal() -> None:
    fields: dict[str, Any] = {
        "listing": {
            "title": "t",
            "bullet_points": ["b"],
            "description": "d",
            "brand": "br",
            "category": "c",
            "attributes": {"z": "1", "a": "2"},
            "marketplace": "m",
            "language": "en",
        },
        "search_terms_max_bytes": 100,
        "banned_terms": ["x"],
        "known_search_terms": [{"text": "k", "weight": 2}],
    }
    asked = convert_keywords.keyword_request(
        ParseDict(fields, keywords_pb2.ExtractKeywordsRequest())
    )
    listing = nouns.Listing("t", ("b",), "d", "br", "c", {"a": "2", "z": "1"}, "m", "en")
    assert asked == nouns.KeywordRequest(listing, 5, 100, ("x",), (nouns.KnownTerm("k", 2.0),))
    assert list(asked.listing.attributes) == ["a", "z"]


def test_a_series_keeps_every_field() -> None:
    day, s = "2026-11-01T00:00:00Z", 1_793_491_200
    fields: dict[str, Any] = {
        "series": {
            "series_id": "id",
            "points": [{"time": day, "value": 3.5}, {"time": day, "missing": True}],
            "interval": "INTERVAL_HOUR",
            "measure": "MEASURE_AMOUNT",
            "unit": "USD",
        },
        "evaluate": "EVALUATE_LAST_N",
        "evaluate_count": 3,
        "events": [{"start": day, "end": day, "name": "e", "expected_effect": "EVENT_EFFECT_UP"}],
        "sensitivity": "SENSITIVITY_HIGH",
        "min_impact": 2,
        "covariates": [{"name": "price", "points": [{"time": day, "value": 1}]}],
        "return_band": True,
        "calendars": ["AMAZON_DE"],
        "options": {"locale": "zh-CN"},
    }
    asked = convert_anomaly.detect_request(ParseDict(fields, anomaly_pb2.DetectAnomalyRequest()))
    points = (nouns.Point(s, 3.5), nouns.Point(s, None, missing=True))
    assert asked == nouns.DetectRequest(
        series=nouns.Series(points, "id", nouns.Interval.HOUR, "UTC", nouns.Measure.AMOUNT, "USD"),
        evaluate=nouns.Evaluate.LAST_N,
        last_n=3,
        events=(nouns.Event(s, s, "e", nouns.Effect.UP),),
        sensitivity=nouns.Sensitivity.HIGH,
        min_impact=2.0,
        covariates=(nouns.Covariate("price", (nouns.Point(s, 1.0),)),),
        calendars=("AMAZON_DE",),
        return_band=True,
        locale="zh-CN",
    )


def test_a_value_too_small_for_any_unit_is_zero() -> None:
    message = anomaly_pb2.DetectAnomalyRequest()
    for value in (5e-324, -1e-300, 1e-9, -3.5):
        message.series.points.add(value=value)
    asked = convert_anomaly.detect_request(message)
    assert [point.value for point in asked.series.points] == [0.0, 0.0, 1e-9, -3.5]


def test_empty_answers_of_the_rules_convert() -> None:
    keywords = Answer(value=KEYWORDS, source=Source.RULES, route="r")
    assert convert_keywords.keyword_response(keywords, PASSAGE).search_terms == "dog bed"
    anomaly = Answer(value=ANOMALY, source=Source.RULES, route="r")
    assert convert_anomaly.detect_response(anomaly, PASSAGE).summary == "Nothing unusual."
