"""Reads the table of `errors`: a status, an error body or an exception in, our kind of error out.

Cases, first match wins:
1. an error body or text that names the prompt's length, the content policy or the account's money;
2. the HTTP status;
3. for exceptions without a status: the class, by name, along its bases and causes.
"""

import re
from collections.abc import Iterator, Mapping

from gateway.adapters.litellm.errors import (
    BY_HUNDRED,
    BY_STATUS,
    CODES,
    EXCEPTIONS,
    TEXTS,
    Kind,
)
from gateway.core.errors import (
    ConnectionLost,
    ContentFiltered,
    ContextTooLong,
    OutputInvalid,
    RequestRejected,
    ServerError,
)

SUCCESS, REFUSED, FAILED = 2, 4, 5  # hundreds of HTTP statuses
CERTAIN = (ContextTooLong, ContentFiltered)  # told by the class, whatever the status
CODE = re.compile(r"[a-z0-9_.\-]{1,64}")


def kind_of_status(status: int) -> Kind:
    """What an HTTP status alone means; a 1xx or 2xx got here because its body is no answer."""
    return BY_STATUS.get(status) or BY_HUNDRED.get(status // 100, OutputInvalid)


def kind_of_reply(status: int, body: object) -> Kind:
    """What an error reply means, its parsed JSON body (or anything else) included."""
    code, kind, text = _words(body)
    told = CODES.get(code) or CODES.get(kind) or _kind_of_text(text)
    if told is not None and status // 100 == REFUSED:
        return told
    if status // 100 == SUCCESS:
        return told or kind_of_status(_status_in(body))
    return kind_of_status(status)


def kind_of_exception(error: BaseException) -> Kind:
    """What an exception of LiteLLM or of what is below it means.

    LiteLLM wraps what it cannot name (a lost connection, a reply without choices) into
    APIConnectionError or a bare 500: there, the innermost cause that the table knows decides.
    """
    own = _kind_of_class(type(error))
    status = getattr(error, "status_code", None)
    if own in CERTAIN:
        return own
    if own is None or own is ConnectionLost:
        below = _below(error)
        if below is not None:
            return below
    if own is ConnectionLost or not isinstance(status, int):
        return own or ServerError
    told = _kind_in_text(error) if status // 100 == REFUSED else None
    by_class = None if own is RequestRejected else own  # BadRequestError stands for any 4xx
    return told or by_class or kind_of_status(status)


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
    """What the causes say, innermost first; a connection's trouble goes before one of content."""
    causes = [cause for cause in _causes(error) if getattr(cause, "status_code", None) is None]
    kinds = [kind for kind in map(_kind_of_class, map(type, causes)) if kind is not None]
    return next((kind for kind in kinds if kind is not OutputInvalid), next(iter(kinds), None))


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


def _word(value: object) -> str:
    return value.lower() if isinstance(value, str) else ""


def _status_in(body: object) -> int:
    """The status an error body under 200 carries as its code; 500 if none, as LiteLLM has it."""
    error = body.get("error") if isinstance(body, Mapping) else None
    code = error.get("code") if isinstance(error, Mapping) else None
    if isinstance(code, str) and code.isdecimal():
        code = int(code)
    return code if isinstance(code, int) and code // 100 in (REFUSED, FAILED) else 500
