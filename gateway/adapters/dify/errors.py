"""Dify -> ours: the one table of what its error codes mean, in replies and in `error` events.

The codes are those of Dify's API reference and of its controllers' error classes.
"""

from collections.abc import Mapping

from gateway.adapters.litellm.errors import Kind
from gateway.adapters.litellm.translating import CERTAIN, kind_of_reply
from gateway.core.errors import (
    AuthFailed,
    ModelNotFound,
    Overloaded,
    RateLimited,
    RequestRejected,
    ServerError,
)

CODES: Mapping[str, Kind] = {
    # the key, or what the app has to pay with
    "unauthorized": AuthFailed,
    "provider_not_initialize": AuthFailed,
    "provider_quota_exceeded": AuthFailed,
    # the app
    "app_unavailable": ModelNotFound,
    "not_chat_app": ModelNotFound,
    "model_currently_not_support": ModelNotFound,
    "not_found": ModelNotFound,
    "conversation_completed": ModelNotFound,
    # its models
    "completion_request_error": ServerError,
    "invoke_error": ServerError,
    "invoke_server_unavailable_error": Overloaded,
    "invoke_connection_error": ServerError,
    "internal_server_error": ServerError,
    "rate_limit_error": RateLimited,
    "invoke_rate_limit_error": RateLimited,
    "too_many_requests": RateLimited,
    # what was sent
    "invalid_param": RequestRejected,
    "bad_request": RequestRejected,
}


def kind_of(status: int, body: object) -> Kind:
    """What a refusal means.

    1. a text that names the prompt's length or the content policy  2. Dify's code  3. the status
    """
    told = kind_of_reply(status, body)
    if told in CERTAIN:
        return told
    code = body.get("code") if isinstance(body, Mapping) else None
    return CODES.get(code, told) if isinstance(code, str) else told


def kind_of_event(event: Mapping[str, object]) -> Kind:
    """What an `error` event of a stream means; without a status it is the app's failure."""
    status = event.get("status")
    number = status if isinstance(status, int) and not isinstance(status, bool) else 500
    return kind_of(number if number // 100 in (4, 5) else 500, event)  # HTTP
