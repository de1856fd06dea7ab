"""`erp-gateway explain`: where a described call would go, and why not elsewhere."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence

from gateway.cli.arguments import load_or_tell, parser
from gateway.cli.explain_limits import limit_lines
from gateway.config import Config, ConfigError, SourceError
from gateway.config.keysfile import keys_path, read_keys
from gateway.core.keys import Key, id_of
from gateway.core.model import Call, Caller, Deadline, DegradeReason
from gateway.core.options import Plan, Route
from gateway.core.routing import DeploymentVerdict, Explanation, explain
from gateway.core.scopes import ORDINARY


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 when the configuration has faults."""
    asked = _parser().parse_args(arguments)
    config = load_or_tell(asked.config)
    if config is None:
        return 1
    try:
        key = _key(config, asked.key) if asked.key else None
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    call = Call(asked.call)
    caller = Caller(
        request_id="",
        deadline=Deadline(0.0),
        tenant=key.tenant if key else asked.tenant,
        scopes=key.scopes if key else ORDINARY,
        key_id=key.id if key else "",
        locale=asked.locale,
        labels=dict(asked.label),
        erp_version=asked.erp_version,
    )
    if key and (dead := key.why_dead(time.time())):
        print(f"key {key.id!r} is {dead.value}: its calls are refused as UNAUTHENTICATED")
    print("\n".join(report(config, call, caller, asked.knowledge_base)))
    return 0


def report(config: Config, call: Call, caller: Caller, knowledge_base: str = "") -> Iterator[str]:
    """The decision as lines of text, taken from the routing that serves real calls."""
    found = explain(config.plan, call, caller, knowledge_base)
    yield f"{config.path}, version {config.plan.version}"
    article = "an" if call.value[0] in "aeiou" else "a"
    yield f"{article} {call.value} call of tenant {caller.tenant!r}{_conditions(caller)}"
    yield ""
    yield from _decision(found, config.plan)
    others = [verdict for verdict in found.routes if verdict.why_not]
    if others:
        yield ""
        yield "other routes:"
        yield from (f"  {verdict.route}: {verdict.why_not}" for verdict in others)
    if found.route is not None:
        yield ""
        yield from limit_lines(config.plan, found.route, caller.tenant)


def _decision(found: Explanation, plan: Plan) -> Iterator[str]:
    if found.refused:
        yield f"refused as PERMISSION_DENIED: {found.refused}"
        return
    if found.route is None:
        yield "no route takes it: the call is refused as UNAVAILABLE"
        return
    yield f"route {found.route.name!r} takes it and tries, in this order:"
    yield from (_deployment_line(verdict, plan) for verdict in found.deployments)
    yield _rules_line(found.route, any(verdict.on for verdict in found.deployments))
    yield from (_tool_line(name, plan) for name in found.route.tools)
    named = {verdict.deployment for verdict in found.deployments}
    strangers = [name for name in (*plan.deployments, *plan.off) if name not in named]
    if strangers:
        yield ""
        yield f"not in this route: {', '.join(strangers)}"


def _deployment_line(verdict: DeploymentVerdict, plan: Plan) -> str:
    start = f"  tier {verdict.tier + 1}: {verdict.deployment}"
    if not verdict.on:
        return f"{start} is not tried: {verdict.why_off}"
    deployment = plan.deployments[verdict.deployment]
    model = f"{start} ({deployment.provider}/{deployment.model})"
    return model if verdict.share == 1 else f"{model}, first for {verdict.share:.1%} of calls"


def _tool_line(name: str, plan: Plan) -> str:
    tool = plan.tools.get(name)
    if tool is None:
        return f"  tool {name} is off: {plan.tools_off.get(name, 'it is not in this file')}"
    return f"  tool {name}{' (writes: after the customer says yes)' if tool.writes else ''}"


def _rules_line(route: Route, has_models: bool) -> str:  # noqa: FBT001 # a fact, not a switch
    if not route.rules.allowed:
        return "  then: UNAVAILABLE, for this route forbids the rules"
    if has_models:
        return "  then: the rules answer"
    reason = DegradeReason.NO_MODEL_CONFIGURED.name
    return f"  so the rules answer, degraded with reason {reason}"


def _conditions(caller: Caller) -> str:
    given = [
        f"key {caller.key_id!r}" if caller.key_id else "",
        f"locale {caller.locale!r}" if caller.locale else "",
        f"ERP version {caller.erp_version!r}" if caller.erp_version else "",
        *(f"label {key}={value}" for key, value in caller.labels.items()),
    ]
    return "".join(f", {condition}" for condition in given if condition)


def _parser() -> argparse.ArgumentParser:
    made = parser("explain", "Say where a call would go, and why not elsewhere.")
    made.add_argument("--call", choices=[call.value for call in Call], default="chat")
    made.add_argument("--tenant", default="default", help="default: %(default)s")
    made.add_argument("--key", default="", metavar="ID", help="a key's id: its tenant and scopes")
    made.add_argument("--knowledge-base", default="", help="the one a chat call asks for")
    made.add_argument("--locale", default="", help="such as zh-CN")
    made.add_argument("--erp-version", default="", help="as in the metadata x-erp-version")
    made.add_argument(
        "--label", type=_label, action="append", default=[], metavar="KEY=VALUE", help="repeatable"
    )
    return made


def _key(config: Config, key_id: str) -> Key:
    """The key of the configuration's keys file; raises ConfigError."""
    path = keys_path(config)
    if path is None:
        raise SourceError(config.path, "names no keys file: security: {keys_file: keys.json}")
    key_id = id_of(key_id) or key_id  # a whole key is as good as its id
    key = read_keys(path).keys.get(key_id)
    if key is None:
        raise SourceError(str(path), f"has no key with the id {key_id[:10]!r}")
    return key


def _label(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise argparse.ArgumentTypeError(f"{text!r} must be KEY=VALUE")
    return key, value
