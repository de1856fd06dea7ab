"""What only the edge can find wrong, as further leaves of the tree in gateway.core.errors."""

from gateway.core.errors import CallerError


class MalformedRequest(CallerError):
    """The bytes are no message of the expected type, or hold text that is no UTF-8."""


class NotOffered(CallerError):
    """The method is unknown, or part of the contract that this server does not offer yet."""


class TooLarge(CallerError):
    """The request, or its metadata, is larger than this server takes."""
