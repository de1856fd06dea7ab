"""Checks of deployments that are Dify apps, and of the routes that name them."""

from collections.abc import Iterator

from gateway.config.crosscheck_tools import Finding
from gateway.config.node import Loc, Node
from gateway.config.schema import DeploymentEntry, File
from gateway.config.validate import place
from gateway.core.model import Call

DIFY = "dify"
OWN_FIELDS = ("query", "response_mode", "conversation_id", "user")
"""Fields of a request body that the gateway writes itself."""


def dify_deployment(entry: DeploymentEntry, loc: Loc, whole: Node) -> Iterator[Finding]:
    """What a deployment of either kind must say; `whole`: the file before faults were left out."""
    if entry.provider != DIFY:
        if not entry.model and not whole.find((*loc, "model")):
            yield (*loc, "model"), f"{place(loc)} needs the key 'model'"
        return
    if not entry.base_url:
        yield (
            loc,
            f"{place(loc)} needs base_url: the address of the app's API, such as"
            " https://api.dify.ai/v1",
        )
    if not (entry.api_key_env or entry.api_key_file):
        yield loc, f"{place(loc)} needs api_key_env (or api_key_file): the app's own key"
    for field in sorted(entry.quirks.extra_body.keys() & set(OWN_FIELDS)):
        at = (*loc, "quirks", "extra_body", field)
        yield at, f"{place(at)}: the gateway writes {field!r} itself; remove it"


def dify_routes(file: File) -> Iterator[Finding]:
    """A Dify app answers Chat; it cannot promise the JSON that the other calls need."""
    apps = {name for name, entry in file.deployments.items() if entry.provider == DIFY}
    for index, route in enumerate(file.routes):
        calls = route.match.calls or tuple(call.value for call in Call)
        others = [call for call in calls if call != Call.CHAT.value]
        if not others:
            continue
        for name in sorted(apps & set(route.deployments())):
            yield (
                ("routes", index, "name"),
                f"route {route.name!r} would send {', '.join(others)} to the Dify app {name!r},"
                " which answers chat only; give the app a route of its own with"
                " match: {calls: [chat]}",
            )
