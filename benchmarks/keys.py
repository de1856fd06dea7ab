"""What the check of a key costs, and whether the time of a refusal tells why it was refused.

`python -m benchmarks.keys [--rounds N]`: the kinds are asked in turn, so that what the machine does
meanwhile meets all of them alike. No sockets: what they add is the same for all.
"""

import argparse
import secrets
import statistics
import time
from collections.abc import Callable
from contextlib import suppress

from gateway.api.authentication import KeyCheck
from gateway.api.metadata import CallMetadata
from gateway.core.errors import Unauthenticated
from gateway.core.keys import Key, KeyRing, digest_of, id_of, minted

KEYS = 1_000
"""Keys in the ring."""


def ring() -> tuple[KeyRing, dict[str, str]]:
    """Many keys, and one text of each kind."""
    texts = [minted(secrets.token_bytes) for _ in range(KEYS)]
    ends = {texts[1]: 1.0}
    gone = {texts[2]: 1.0}
    keys = [
        Key(
            id=id_of(text),
            tenant="t",
            sha256=digest_of(text),
            created_s=0.0,
            expires_s=ends.get(text),
            revoked_s=gone.get(text),
        )
        for text in texts
    ]
    kinds = {
        "known": texts[0],
        "unknown id": minted(secrets.token_bytes),
        "expired": texts[1],
        "revoked": texts[2],
        "wrong, first letter": _changed(texts[3], len("erpgw_") + 11),
        "wrong, last letter": _changed(texts[3], len(texts[3]) - 1),
        "absent": "",
    }
    return KeyRing(keys), kinds


def _changed(text: str, at: int) -> str:
    return text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1 :]


def measured(work: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Nanoseconds of each kind, asked in turn."""
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, ask in work.items():
            began_ns = time.perf_counter_ns()
            ask()
            taken[name].append(time.perf_counter_ns() - began_ns)
    return taken


def told(title: str, taken: dict[str, list[float]]) -> None:
    """Print medians and their spread."""
    print(f"{title}\n  {'kind':<22}{'median us':>10}{'p99 us':>10}")
    medians = []
    for name, times in taken.items():
        medians.append(statistics.median(times))
        p99 = statistics.quantiles(times, n=100)[98]
        print(f"  {name:<22}{medians[-1] / 1e3:>10.2f}{p99 / 1e3:>10.2f}")
    print(f"  medians lie within {(max(medians) - min(medians)) / 1e3:.2f} us\n")


def main() -> None:
    """Print two tables: the comparison alone, and the whole check with its counting and log."""
    parser = argparse.ArgumentParser(description="What the check of a key costs.")
    parser.add_argument("--rounds", type=int, default=20_000)
    rounds = parser.parse_args().rounds
    keys, kinds = ring()
    judging = {name: _bind(keys.judge, text) for name, text in kinds.items()}
    told("KeyRing.judge", measured(judging, rounds))
    check = KeyCheck(keys, lambda: 2.0)
    checking = {name: _checking(check, text) for name, text in kinds.items()}
    told("KeyCheck (the edge's whole work)", measured(checking, rounds))


def _bind(judge: Callable[[str, float], object], text: str) -> Callable[[], object]:
    return lambda: judge(text, 2.0)


def _checking(check: KeyCheck, text: str) -> Callable[[], object]:
    metadata = CallMetadata("r", authorization=f"Bearer {text}" if text else "")

    def ask() -> None:
        with suppress(Unauthenticated):
            check("Chat", metadata)

    return ask


if __name__ == "__main__":
    main()
