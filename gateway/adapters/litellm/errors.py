"""Vendor -> ours: the one table of what a status, an error body or an exception means.

`translating` reads it. Classes of LiteLLM are named, not imported: importing it takes seconds, and
names survive versions.
"""

from collections.abc import Mapping

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
    # below LiteLLM: httpx, httpcore, aiohttp and Python
    "ConnectError": ConnectFailed,
    "ConnectTimeout": ConnectFailed,
    "ClientConnectorError": ConnectFailed,
    "ConnectionTimeoutError": ConnectFailed,
    "ConnectionRefusedError": ConnectFailed,
    "gaierror": ConnectFailed,  # unknown host
    "SSLError": ConnectFailed,
    "CertificateError": ConnectFailed,
    "InvalidURL": ConnectFailed,
    "NonHttpUrlClientError": ConnectFailed,
    "UnsupportedProtocol": ConnectFailed,
    "ServerTimeoutError": ProviderTimeout,
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
