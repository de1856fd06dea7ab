"""Errors with a status and a body, worded as OpenAI, DeepSeek and DashScope word them."""

import time
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import orjson

from tests.faults.catalogue import Arguments, behaviour
from tests.faults.draft import Call, Draft

VENDORS = "openai deepseek dashscope"
INVALID = "invalid_request_error"
Row = tuple[int, str, str, str]  # status, message, type, code

_CONTEXT: dict[str, Row] = {
    "openai": (
        400,
        "This model's maximum context length is 128000 tokens. However, your messages resulted in "
        "131072 tokens. Please reduce the length of the messages.",
        INVALID,
        "context_length_exceeded",
    ),
    "deepseek": (
        400,
        "This model's maximum context length is 65536 tokens. However, you requested 70131 tokens "
        "(66035 in the messages, 4096 in the completion). Please reduce the length of the messages "
        "or completion.",
        INVALID,
        INVALID,
    ),
    "dashscope": (
        400,
        "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]",
        INVALID,
        "invalid_parameter_error",
    ),
}
_CONTENT: dict[str, Row] = {
    "openai": (
        400,
        "Your request was rejected as a result of our safety system. Your prompt may contain text "
        "that is not allowed by our safety system.",
        INVALID,
        "content_policy_violation",
    ),
    "azure": (
        400,
        "The response was filtered due to the prompt triggering Azure OpenAI's content management "
        "policy. Please modify your prompt and retry.",
        INVALID,
        "content_filter",
    ),
    "deepseek": (400, "Content Exists Risk", INVALID, INVALID),
    "dashscope": (
        400,
        "<400> InternalError.Algo.DataInspectionFailed: Input data may contain inappropriate "
        "content.",
        "data_inspection_failed",
        "data_inspection_failed",
    ),
}
_QUOTA: dict[str, Row] = {
    "openai": (
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        "insufficient_quota",
    ),
    "deepseek": (402, "Insufficient Balance", "unknown_error", INVALID),
    "dashscope": (
        400,
        "Access denied, please make sure your account is in good standing.",
        "Arrearage",
        "Arrearage",
    ),
}
_STATUS: dict[int, tuple[str, str, str]] = {
    400: ("Invalid value in the request.", INVALID, "invalid_value"),
    401: ("Incorrect API key provided.", INVALID, "invalid_api_key"),
    402: ("Insufficient Balance", "unknown_error", INVALID),
    403: ("Your account may not use this model.", "permission_error", "access_denied"),
    404: ("The model does not exist or you do not have access to it.", INVALID, "model_not_found"),
    408: ("Request timed out.", "timeout", "request_timeout"),
    422: ("Unprocessable parameter.", INVALID, "invalid_parameter_error"),
    429: ("Rate limit reached for requests.", "requests", "rate_limit_exceeded"),
    500: ("The server had an error while processing your request.", "server_error", "server_error"),
    503: ("The engine is currently overloaded.", "server_error", "service_unavailable"),
}
_STATUS_401 = {
    "deepseek": ("Authentication Fails (no such user)", "authentication_error", INVALID),
    "dashscope": ("Incorrect API key provided. ", INVALID, "invalid_api_key"),
}


def error_body(message: str, kind: str, code: str, vendor: str = "openai") -> bytes:
    """The JSON of an error; DashScope adds its request id."""
    body: dict[str, Any] = {
        "error": {"message": message, "type": kind, "param": None, "code": code}
    }
    if vendor == "dashscope":
        body |= {"id": "chatcmpl-fault", "request_id": "fault"}
    return orjson.dumps(body)


def _row(draft: Draft, rows: dict[str, Row], arguments: Arguments) -> Draft:
    vendor = arguments.one_of(*rows) or "openai"
    status, message, kind, code = rows[vendor]
    return draft.fixed(status, error_body(message, kind, code, vendor))


@behaviour("context", VENDORS)
def context(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """The prompt is too long for the model."""
    return _row(draft, _CONTEXT, arguments)


@behaviour("content-filter", f"{VENDORS} azure")
def content_filter(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """The prompt breaks the provider's content policy."""
    return _row(draft, _CONTENT, arguments)


@behaviour("quota", VENDORS)
def quota(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """The account has no money left."""
    return _row(draft, _QUOTA, arguments)


@behaviour("status", f"{VENDORS} retry retry_ms retry_date html empty")
def status(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """Any status code, with or without Retry-After."""
    code = arguments.whole(0, 500)
    vendor = arguments.one_of(*VENDORS.split()) or "openai"
    refused = replace(draft, headers=(*draft.headers, *_retry_headers(arguments)))
    if arguments.one_of("html"):
        page = f"<html><head><title>{code}</title></head><body>{code} nginx</body></html>"
        return refused.fixed(code, page.encode(), "text/html")
    if arguments.one_of("empty"):
        return refused.fixed(code, b"")
    return refused.fixed(code, error_body(*_status_row(code, vendor), vendor))


def _status_row(code: int, vendor: str) -> tuple[str, str, str]:
    if code == 401 and vendor in _STATUS_401:
        return _STATUS_401[vendor]
    return _STATUS.get(code, (f"Error {code}.", "server_error", f"error_{code}"))


def _retry_headers(arguments: Arguments) -> tuple[tuple[str, str], ...]:
    if seconds := arguments.after("retry"):
        return (("retry-after", seconds),)
    if milliseconds := arguments.after("retry_ms"):
        return (("retry-after-ms", milliseconds),)
    if from_now := arguments.after("retry_date"):
        return (("retry-after", formatdate(time.time() + float(from_now), usegmt=True)),)
    return ()


@behaviour("redirect")
def redirect(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """Sent to another host name, where the log shows whether the caller followed."""
    there = f"{call.elsewhere}/_elsewhere/v1/chat/completions"
    moved = replace(draft, headers=(*draft.headers, ("location", there)))
    return moved.fixed(arguments.whole(0, 307), b"")


@behaviour("error-200", VENDORS)
def error_200(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """Status 200, and an error for a body."""
    vendor = arguments.one_of(*VENDORS.split()) or "openai"
    return draft.fixed(200, error_body(*_STATUS[500], vendor))


def refuse(draft: Draft, message: str, code: str, vendor: str) -> Draft:
    """A 400 of a check; behaviours after it in the composition leave it alone."""
    plain = Draft(answer=draft.answer, refused=True)
    return plain.fixed(400, error_body(message, INVALID, code, vendor))


@behaviour("prefill-refused", reads_call=True)
def prefill_refused(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """The conversation may not end with an assistant message."""
    if not call.messages or call.messages[-1].get("role") != "assistant":
        return draft
    message = (
        "This model does not support assistant message prefill. The conversation must end with a "
        "user message."
    )
    return refuse(draft, message, INVALID, "openai")


@behaviour("thinking-enforced", reads_call=True)
def thinking_enforced(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """Qwen: a call that is not streamed must say `enable_thinking: false`."""
    if call.stream or call.body.get("enable_thinking") is False:
        return draft
    message = "parameter.enable_thinking must be set to false for non-streaming calls"
    return refuse(draft, message, "invalid_parameter_error", "dashscope")


@behaviour("json-schema-refused", reads_call=True)
def json_schema_refused(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """DeepSeek: `response_format` knows json_object but not json_schema."""
    if call.response_format != "json_schema":
        return draft
    return refuse(draft, "This response_format type is unavailable now", INVALID, "deepseek")


@behaviour("json-word", reads_call=True)
def json_word(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """JSON mode is refused unless a message says "json"."""
    said = orjson.dumps([message.get("content") for message in call.messages]).lower()
    if call.response_format != "json_object" or b"json" in said:
        return draft
    message = (
        "Prompt must contain the word 'json' in some form to use 'response_format' of type "
        "'json_object'."
    )
    return refuse(draft, message, INVALID, "deepseek")
