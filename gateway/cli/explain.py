"""`erp-gateway explain`: where a described call would go, and why not elsewhere."""

import argparse
import sys
import time
from collections.abc import Sequence

from gateway.cli.arguments import load_or_tell, parser
from gateway.cli.explained import report
from gateway.config import Config, ConfigError, SourceError
from gateway.config.keysfile import keys_path, read_keys
from gateway.core.keys import Key, id_of
from gateway.core.model import Call, Caller, Deadline
from gateway.core.scopes import ORDINARY

__all__ = ["main", "report"]


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
        end_user_id=asked.end_user,
        conversation_id=asked.conversation,
    )
    if key and (dead := key.why_dead(time.time())):
        print(f"key {key.id!r} is {dead.value}: its calls are refused as UNAUTHENTICATED")
    print("\n".join(report(config, call, caller, asked.knowledge_base)))
    return 0


def _parser() -> argparse.ArgumentParser:
    made = parser("explain", "Say where a call would go, and why not elsewhere.")
    made.add_argument("--call", choices=[call.value for call in Call], default="chat")
    made.add_argument("--tenant", default="default", help="default: %(default)s")
    made.add_argument("--key", default="", metavar="ID", help="a key's id: its tenant and scopes")
    made.add_argument("--knowledge-base", default="", help="the one a chat call asks for")
    made.add_argument("--locale", default="", help="such as zh-CN")
    made.add_argument("--erp-version", default="", help="as in the metadata x-erp-version")
    made.add_argument("--end-user", default="", metavar="ID", help="as in options.end_user_id")
    made.add_argument("--conversation", default="", metavar="ID", help="as in conversation_id")
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
