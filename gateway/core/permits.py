"""Refuses what a key may not do: the edge asks for the call, the walk for the route."""

from gateway.core.errors import PermissionDenied
from gateway.core.scopes import Scopes


def permit_call(scopes: Scopes, call: str) -> None:
    """Raise PermissionDenied where the call is held back."""
    if told := scopes.why_not(call=call):
        raise PermissionDenied(told)


def permit_route(scopes: Scopes, route: str, knowledge_base: str) -> None:
    """Raise PermissionDenied where the route or the knowledge base is held back."""
    if told := scopes.why_not(route=route, knowledge_base=knowledge_base):
        raise PermissionDenied(told)
