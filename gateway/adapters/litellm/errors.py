"""Vendor -> ours: the one table of what a status, an error body or an exception means.

Cases, first match wins:
1. an error body or text that names the prompt's length, the content policy or the account's money;
2. the HTTP status;
3. for exceptions without a status: the class, by name, along its bases and causes.
Classes of LiteLLM are named, not imported: importing it takes seconds, and names survive versions.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.core.errors import (
    AuthFailed,
    ConnectFailed,
    ConnectionLost,
    ContentFiltered,
    ContextTooLong,
    ModelNotFound,
    OutputInvalid,
    Overloaded,
    ProviderError,
    ProviderTimeout,
    RateLimited,
    RequestRejected,
    ServerError,
)

Kind = type[ProviderError]

BY_STATUS: Mapping[int, Kind] = {
    401: AuthFailed,
    402: AuthFailed,
    403: AuthFailed,
    404: ModelNotFound,
    405: ModelNotFound,  # some other service lives at this address
    408: ProviderTimeout,
    410: ModelNotFound,  # a model that is retired
    413: ContextTooLong,
    429: RateLimited,
    503: Overloaded,
    529: Overloaded,
}
BY_HUNDRED: Mapping[int, Kind] = {
    1: OutputInvalid,
    2: OutputInvalid,
    3: ModelNotFound,  # redirects are not followed: the address is wrong
    4: RequestRejected,
    5: ServerError,
}

CODES: Mapping[str, Kind] = {
    # the prompt does not fit
    "context_length_exceeded": ContextTooLong,
    "string_above_max_length": ContextTooLong,
    "request_too_large": ContextTooLong,
    # content policy
    "content_filter": ContentFiltered,
    "content_policy_violation": ContentFiltered,
    "data_inspection_failed": ContentFiltered,
    "datainspectionfailed": ContentFiltered,
    "responsibleaipolicyviolation": ContentFiltered,
    # money and keys, whatever the status
    "insufficient_quota": AuthFailed,
    "billing_hard_limit_reached": AuthFailed,
    "billing_not_active": AuthFailed,
    "arrearage": AuthFailed,
    "invalid_api_key": AuthFailed,
    "invalidapikey": AuthFailed,
    "account_deactivated": AuthFailed,
    # models
    "model_not_found": ModelNotFound,
    "modelnotfound": ModelNotFound,
}
"""`code` and `type` of error bodies, in lower case."""

TEXTS: tuple[tuple[str, Kind], ...] = (
    ("maximum context length", ContextTooLong),
    ("range of input length should be", ContextTooLong),
    ("range of max input length", ContextTooLong),
    ("input length exceeds", ContextTooLong),
    ("exceeds the context window", ContextTooLong),
    ("context window exceeded", ContextTooLong),
    ("exceed the context window", ContextTooLong),
    ("longer than the model's context length", ContextTooLong),
    ("prompt is too long", ContextTooLong),
    ("input is too long", ContextTooLong),
    ("input is longer than", ContextTooLong),
    ("content exists risk", ContentFiltered),
    ("inappropriate content", ContentFiltered),
    ("content management policy", ContentFiltered),
    ("rejected as a result of our safety system", ContentFiltered),
    ("content policy", ContentFiltered),
    ("exceeded your current quota", AuthFailed),
    ("insufficient balance", AuthFailed),
    ("account is in good standing", AuthFailed),
    ("overdue-payment", AuthFailed),
)
"""Wordings of error messages, in lower case, for providers whose codes say nothing."""

EXCEPTIONS: Mapping[str, Kind] = {
    "ContextWindowExceededError": ContextTooLong,
    "ContentPolicyViolationError": ContentFiltered,
    "GuardrailRaisedException": ContentFiltered,
    "GuardrailInterventionNormalStringError": ContentFiltered,
    "BlockedPiiEntityError": ContentFiltered,
    "SensitiveDataRouteException": ContentFiltered,
    "ModifyResponseException": ContentFiltered,
    "Timeout": ProviderTimeout,
    "APIResponseValidationError": OutputInvalid,
    "BudgetExceededError": RequestRejected,
    "ModelNotMappedError": ModelNotFound,
    "LiteLLMUnknownProvider": ModelNotFound,
    "AuthenticationError": AuthFailed,
    "PermissionDeniedError": AuthFailed,
    "PaymentRequiredError": AuthFailed,
    "NotFoundError": ModelNotFound,
    "RateLimitError": RateLimited,
    "UnprocessableEntityError": RequestRejected,
    "BadRequestError": RequestRejected,
    "APIConnectionError": ConnectionLost,
    "OpenAIError": ServerError,
    # below LiteLLM: httpx, httpcore, aiohttp and Python
    "ConnectError": ConnectFailed,
    "ConnectTimeout": ConnectFailed,
    "ClientConnectorError": ConnectFailed,
    "ConnectionTimeoutError": ConnectFailed,
    "InvalidURL": ConnectFailed,
    "UnsupportedProtocol": ConnectFailed,
    "TimeoutException": ProviderTimeout,
    "TimeoutError": ProviderTimeout,
    "TransportError": ConnectionLost,
    "ServerDisconnectedError": ConnectionLost,
    "ClientPayloadError": ConnectionLost,
    "ClientOSError": ConnectionLost,
    "ConnectionError": ConnectionLost,
    "ClientResponseError": ConnectionLost,
    "ContentDecodingError": OutputInvalid,
    "ClientError": ConnectionLost,
    "JSONDecodeError": OutputInvalid,
    "ValidationError": OutputInvalid,
    "LookupError": OutputInvalid,
    "ValueError": OutputInvalid,
    "TypeError": OutputInvalid,
    "AttributeError": OutputInvalid,
}
"""Names of exception classes; the first along `__mro__` counts."""

CODE = re.compile(r"[a-z0-9_.\-]{1,64}")


def kind_of_status(status: int) -> Kind:
    """What an HTTP status alone means; a 1xx or 2xx got here because its body is no answer."""
    return BY_STATUS.get(status) or BY_HUNDRED.get(status // 100, OutputInvalid)


def kind_of_reply(status: int, body: object) -> Kind:
    """What an error reply means, its parsed JSON body (or anything else) included."""
    code, kind, text = _words(body)
    told = CODES.get(code) or CODES.get(kind) or _kind_of_text(text)
    if told is not None and 400 <= status < 500:
        return told
    if 200 <= status < 300:
        return told or kind_of_status(_status_in(body))
    return kind_of_status(status)


def kind_of_exception(error: BaseException) -> Kind:
    """What an exception of LiteLLM or of what is below it means."""
    own = _kind_of_class(type(error))
    status = getattr(error, "status_code", None)
    if own in (ContextTooLong, ContentFiltered, ProviderTimeout):
        return own
    below = _below(error) if own in (None, ConnectionLost, ServerError) else None
    if below is not None:
        return below
    if own is ConnectionLost or not isinstance(status, int):
        return own or ServerError
    if 400 <= status < 500:
        return _kind_in_text(error) or kind_of_status(status)
    return own or kind_of_status(status)


def code_of(body: object) -> str:
    """The error code of a body if it is one we know, for our log; empty otherwise.

    Anything else might repeat what the caller sent.
    """
    code, kind, _ = _words(body)
    return next((word for word in (code, kind) if word in CODES), "")


def _kind_of_class(cls: type) -> Kind | None:
    return next(
        (EXCEPTIONS[base.__name__] for base in cls.__mro__ if base.__name__ in EXCEPTIONS), None
    )


def _kind_in_text(error: BaseException) -> Kind | None:
    text = str(error).lower()
    code = next((CODES[word] for word in CODE.findall(text) if word in CODES), None)
    return code or _kind_of_text(text)


def _below(error: BaseException) -> Kind | None:
    """What a cause says that LiteLLM wrapped into an error of no meaning."""
    for cause in _causes(error):
        if getattr(cause, "status_code", None) is None:
            kind = _kind_of_class(type(cause))
            if kind is not None:
                return kind
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Causes, innermost first."""
    chain: list[BaseException] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    return reversed(chain)


def _kind_of_text(text: str) -> Kind | None:
    return next((kind for words, kind in TEXTS if words in text), None)


def _words(body: object) -> tuple[str, str, str]:
    """Code, type and message of an error body, in lower case; empty where there is none."""
    if not isinstance(body, Mapping):
        return "", "", ""
    error = body.get("error", body)  # DashScope's native shape has no "error" around it
    if isinstance(error, str):
        return "", "", error.lower()
    if not isinstance(error, Mapping):
        return "", "", ""
    return _word(error.get("code")), _word(error.get("type")), _word(error.get("message"))


def _word(value: Any) -> str:
    return value.lower() if isinstance(value, str) else ""


def _status_in(body: object) -> int:
    """The status that a 200 with an error body carries as its code; 500 if none, as LiteLLM has it."""
    error = body.get("error") if isinstance(body, Mapping) else None
    code = error.get("code") if isinstance(error, Mapping) else None
    if isinstance(code, str) and code.isdecimal():
        code = int(code)
    return code if isinstance(code, int) and 400 <= code < 600 else 500
