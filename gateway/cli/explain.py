"""`erp-gateway explain`: where a described call would go, and why not elsewhere."""

import argparse
from collections.abc import Sequence

from gateway.cli.arguments import load_or_tell, parser
from gateway.config.explained import report
from gateway.core.model import Call, Caller, Deadline


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 when the configuration has faults."""
    asked = _parser().parse_args(arguments)
    config = load_or_tell(asked.config)
    if config is None:
        return 1
    call = Call(asked.call)
    caller = Caller(
        request_id="",
        deadline=Deadline(0.0),
        tenant=asked.tenant,
        locale=asked.locale,
        labels=dict(asked.label),
        erp_version=asked.erp_version,
        end_user_id=asked.end_user,
        conversation_id=asked.conversation,
    )
    print("\n".join(report(config, call, caller)))
    return 0


def _parser() -> argparse.ArgumentParser:
    made = parser("explain", "Say where a call would go, and why not elsewhere.")
    made.add_argument("--call", choices=[call.value for call in Call], default="chat")
    made.add_argument("--tenant", default="default", help="default: %(default)s")
    made.add_argument("--locale", default="", help="such as zh-CN")
    made.add_argument("--erp-version", default="", help="as in the metadata x-erp-version")
    made.add_argument("--end-user", default="", metavar="ID", help="as in options.end_user_id")
    made.add_argument("--conversation", default="", metavar="ID", help="as in conversation_id")
    made.add_argument(
        "--label", type=_label, action="append", default=[], metavar="KEY=VALUE", help="repeatable"
    )
    return made


def _label(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise argparse.ArgumentTypeError(f"{text!r} must be KEY=VALUE")
    return key, value
