"""The table is complete: every status, every exception class of LiteLLM, every vendor's wording."""

import inspect
import socket
import ssl
from typing import Any

import aiohttp
import httpx
import pytest

from gateway.adapters.litellm.errors import CODES, EXCEPTIONS, TEXTS
from gateway.adapters.litellm.loading import Loader
from gateway.adapters.litellm.translating import (
    code_of,
    kind_of_exception,
    kind_of_reply,
    kind_of_status,
)
from gateway.core import errors as ours
from gateway.core.errors import ProviderError

BY_STATUS = {
    400: ours.RequestRejected,
    401: ours.AuthFailed,
    402: ours.AuthFailed,
    403: ours.AuthFailed,
    404: ours.ModelNotFound,
    408: ours.ProviderTimeout,
    413: ours.ContextTooLong,
    422: ours.RequestRejected,
    429: ours.RateLimited,
    500: ours.ServerError,
    502: ours.ServerError,
    503: ours.Overloaded,
    504: ours.ServerError,
    529: ours.Overloaded,
    307: ours.ModelNotFound,
    204: ours.OutputInvalid,
}

LITELLM: dict[str, type[ProviderError]] = {
    "APIConnectionError": ours.ConnectionLost,
    "APIError": ours.ServerError,
    "APIResponseValidationError": ours.OutputInvalid,
    "AuthenticationError": ours.AuthFailed,
    "BadGatewayError": ours.ServerError,
    "BadRequestError": ours.RequestRejected,
    "BlockedPiiEntityError": ours.ContentFiltered,
    "BudgetExceededError": ours.RequestRejected,
    "ContentPolicyViolationError": ours.ContentFiltered,
    "ContextWindowExceededError": ours.ContextTooLong,
    "GuardrailRaisedException": ours.ContentFiltered,
    "ImageFetchError": ours.RequestRejected,
    "InternalServerError": ours.ServerError,
    "InvalidRequestError": ours.RequestRejected,
    "JSONSchemaValidationError": ours.OutputInvalid,
    "LiteLLMUnknownProvider": ours.ModelNotFound,
    "MidStreamFallbackError": ours.Overloaded,
    "MockException": ours.ServerError,
    "ModelNotMappedError": ours.ModelNotFound,
    "ModifyResponseException": ours.ContentFiltered,
    "NotFoundError": ours.ModelNotFound,
    "OpenAIError": ours.ServerError,
    "PaymentRequiredError": ours.AuthFailed,
    "PermissionDeniedError": ours.AuthFailed,
    "RateLimitError": ours.RateLimited,
    "RejectedRequestError": ours.RequestRejected,
    "SensitiveDataRouteException": ours.ContentFiltered,
    "ServiceUnavailableError": ours.Overloaded,
    "Timeout": ours.ProviderTimeout,
    "UnprocessableEntityError": ours.RequestRejected,
    "UnsupportedParamsError": ours.RequestRejected,
    "VectorStoreSearchError": ours.RequestRejected,
}


@pytest.mark.parametrize("status", range(100, 600))
def test_every_status_means_one_kind_of_provider_error(status: int) -> None:
    kind = kind_of_status(status)
    assert issubclass(kind, ProviderError)
    assert kind is not ProviderError
    assert BY_STATUS.get(status, kind) is kind


@pytest.mark.parametrize("status", range(400, 600))
def test_a_status_means_the_same_with_any_body_that_says_nothing(status: int) -> None:
    bodies: list[object] = [None, [], {}, {"error": None}, {"error": {"message": "no"}}]
    for body in [*bodies, {"error": "no"}]:
        assert kind_of_reply(status, body) is kind_of_status(status)


def exceptions_of_litellm(loader: Loader) -> dict[str, type[Exception]]:
    loader.wait(60)
    import litellm.exceptions  # noqa: PLC0415 - only after it was loaded offline

    return {
        name: cls
        for name, cls in vars(litellm.exceptions).items()
        if inspect.isclass(cls)
        and issubclass(cls, Exception)
        and cls.__module__ == "litellm.exceptions"
    }


def made(cls: type[Exception]) -> Exception:
    """An instance with every required argument filled in, whatever the constructor asks."""
    values: dict[str, Any] = {"status_code": 500, "original_exception": None, "request": None}
    values |= {"current_cost": 1.0, "max_budget": 1.0, "failures": ()}
    if cls.__init__ is Exception.__init__:
        return cls("text")
    refused = 403 if cls.__name__ == "PermissionDeniedError" else 422
    values["response"] = httpx.Response(
        refused, request=httpx.Request("POST", "http://provider.test")
    )
    required = [
        p.name
        for p in inspect.signature(cls).parameters.values()
        if p.default is p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    ]
    return cls(**{name: values.get(name, "text") for name in required})


def test_every_exception_class_of_litellm_is_mapped_as_the_table_says(loader: Loader) -> None:
    found = exceptions_of_litellm(loader)
    assert set(found) == set(LITELLM), "LiteLLM's exceptions changed: decide what the new ones mean"
    for name, cls in found.items():
        assert kind_of_exception(made(cls)) is LITELLM[name], name


class WrappedError(Exception):
    """As LiteLLM wraps: a class of no meaning, a status 500 of its own."""

    status_code = 500


WrappedError.__name__ = "APIConnectionError"


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (ConnectionRefusedError(), ours.ConnectFailed),
        (socket.gaierror(), ours.ConnectFailed),
        (ssl.SSLCertVerificationError(), ours.ConnectFailed),
        (ConnectionResetError(), ours.ConnectionLost),
        (aiohttp.ServerDisconnectedError(), ours.ConnectionLost),
        (aiohttp.ClientPayloadError(), ours.ConnectionLost),
        (aiohttp.ConnectionTimeoutError(), ours.ConnectFailed),
        (aiohttp.SocketTimeoutError(), ours.ProviderTimeout),
        (TimeoutError(), ours.ProviderTimeout),
        (IndexError("list index out of range"), ours.OutputInvalid),
        (RuntimeError(), ours.ConnectionLost),
    ],
)
def test_what_litellm_wrapped_into_a_connection_error_is_told_by_its_cause(
    cause: Exception, kind: type[ProviderError]
) -> None:
    wrapped = WrappedError("Connection error.")
    wrapped.__cause__ = cause
    assert kind_of_exception(wrapped) is kind


def test_an_unknown_exception_is_a_server_error() -> None:
    assert kind_of_exception(RuntimeError("?")) is ours.ServerError


def says(message: str, code: str = "invalid_request_error") -> dict[str, Any]:
    return {"error": {"message": message, "code": code}}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, says("?", "context_length_exceeded"), ours.ContextTooLong),
        (400, says("This model's maximum context length is 65536"), ours.ContextTooLong),
        (400, says("Range of input length should be [1, 129024]"), ours.ContextTooLong),
        (400, {"message": "Range of input length should be [1, 6144]"}, ours.ContextTooLong),
        (400, says("?", "content_policy_violation"), ours.ContentFiltered),
        (400, says("Content Exists Risk"), ours.ContentFiltered),
        (400, says("?", "data_inspection_failed"), ours.ContentFiltered),
        (400, {"error": {"type": "data_inspection_failed"}}, ours.ContentFiltered),
        (400, {"code": "DataInspectionFailed", "message": "?"}, ours.ContentFiltered),
        (429, says("?", "insufficient_quota"), ours.AuthFailed),
        (400, says("?", "Arrearage"), ours.AuthFailed),
        (402, says("Insufficient Balance"), ours.AuthFailed),
        (400, says("?", "model_not_found"), ours.ModelNotFound),
        (429, says("tokens per min", "rate_limit_exceeded"), ours.RateLimited),
        (500, says("maximum context length"), ours.ServerError),
    ],
)
def test_error_bodies_of_the_vendors_are_understood(
    status: int, body: dict[str, Any], kind: type[ProviderError]
) -> None:
    assert kind_of_reply(status, body) is kind


def test_the_tables_are_in_lower_case_since_that_is_what_they_are_compared_with() -> None:
    assert all(code == code.lower() for code in CODES)
    assert all(text == text.lower() for text, _ in TEXTS)
    assert all(issubclass(kind, ProviderError) for kind in EXCEPTIONS.values())


def test_only_codes_that_we_know_go_into_our_log() -> None:
    assert code_of({"error": {"code": "insufficient_quota"}}) == "insufficient_quota"
    assert code_of({"error": {"code": "order_1001_of_mrs_li"}}) == ""
