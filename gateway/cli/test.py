"""`erp-gateway test`: run the cases beside the configuration."""

import sys
from collections.abc import Sequence
from pathlib import Path

from gateway.cli.arguments import config_path, parser, tell
from gateway.config import ConfigError, load_text, read_text
from gateway.config.golden import cases_path, differences, read_cases
from gateway.config.secrets import EveryKey


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 when a case fails, or a file has faults or is missing."""
    made = parser(
        "test",
        "Run the cases beside the configuration (gateway.tests.yaml): which call goes where.",
    )
    made.add_argument("--cases", type=Path, metavar="FILE", help="instead of those beside it")
    asked = made.parse_args(arguments)
    path = config_path(asked.config)
    beside = asked.cases or cases_path(path)
    try:
        plan = load_text(read_text(path), str(path), EveryKey()).plan
        cases = read_cases(read_text(beside), str(beside))
    except ConfigError as error:
        tell(error)
        return 1
    failed = 0
    for case in cases:
        found = differences(case, plan)
        failed += bool(found)
        print(f"{'FAILED' if found else 'ok    '} {case.name}")
        print("".join(f"         {one}\n" for one in found), end="")
    print(f"{len(cases) - failed} of {len(cases)} cases hold")
    if not cases:
        print(f"{beside} holds no case", file=sys.stderr)
    return 1 if failed or not cases else 0
