"""The load generator: h2load of nghttp2, in C, so that it is no limit and takes little CPU."""

import asyncio
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_S = 240
"""Far longer than any load takes; a server that stands still must not stop the rest."""
INSTALL = "apt-get install -y nghttp2-client"
_TOTAL = re.compile(r"requests: (\d+) total, .*? (\d+) succeeded, (\d+) failed")
_TOOK = re.compile(r"finished in ([\d.]+)(us|ms|s)")
_DATA = re.compile(r"traffic: .*\((\d+)\) data")
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One kind of request to one server. `http1`: plain HTTP/1.1 instead of gRPC's HTTP/2."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    http1: bool


@dataclass(frozen=True, slots=True)
class Load:
    """How much: `connections` with `streams` calls at once on each (HTTP/1.1: one)."""

    calls: int
    connections: int
    streams: int = 1


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of it; latencies in seconds, sorted; bytes of all bodies."""

    calls: int
    took_s: float
    latencies_s: Sequence[float]
    data: int = 0

    def percentile_s(self, share: float) -> float:
        return percentile(self.latencies_s, share)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The nearest rank: the least value with at least `share` of all at or below it.

    `ordered` must be sorted. Raises ValueError when it is empty.
    """
    if not ordered:
        raise ValueError("no values, so no percentile; measure at least one call")
    rank = -(-share * len(ordered) // 1)  # rounded up
    return ordered[max(0, int(rank) - 1)]


def missing() -> str:
    """What to install; empty when all is there."""
    return "" if shutil.which("h2load") else f"h2load is missing; {INSTALL}"


async def send(target: Target, load: Load) -> Sent:
    """Run h2load; raises RuntimeError with its words when a call failed."""
    shape = ["-n", str(load.calls), "-c", str(load.connections)]
    shape += [] if target.http1 else ["-m", str(load.streams)]
    return await _run(target, shape, load.calls)


async def send_at(target: Target, times_s: Sequence[float]) -> Sent:
    """One connection that sends at these times, whatever comes back: an open loop."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "times"
        script.write_text("".join(f"{at_s * 1000:.3f}\t{target.url}\n" for at_s in times_s))
        shape = ["-c", "1", "-n", str(len(times_s)), "-m", "1000"]
        return await _run(target, [*shape, f"--timing-script-file={script}"], len(times_s))


async def _run(target: Target, shape: Sequence[str], calls: int) -> Sent:
    with tempfile.TemporaryDirectory() as folder:
        body, log = Path(folder) / "body", Path(folder) / "log"
        body.write_bytes(target.body)
        command = ["h2load", *shape, *(["--h1"] if target.http1 else [])]
        command += ["-d", str(body), "--log-file", str(log), "-T", "60"]
        for name, value in target.headers.items():
            command += ["-H", f"{name}: {value}"]
        process = await asyncio.create_subprocess_exec(
            *command, target.url, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        try:
            told = (await asyncio.wait_for(process.communicate(), MOST_S))[0].decode()
        except TimeoutError:
            process.kill()
            raise RuntimeError(f"no answer from {target.url} within {MOST_S} s") from None
        lines = log.read_text().splitlines() if log.exists() else []
    return read(told, lines, calls)


def read(told: str, lines: Sequence[str], calls: int) -> Sent:
    """h2load's words and its log (start, status, microseconds); RuntimeError unless all went well.

    It knows HTTP's status only: gRPC's errors look like successes, so look at `data`, too.
    """
    total, took, data = _TOTAL.search(told), _TOOK.search(told), _DATA.search(told)
    if total is None or took is None or data is None or int(total[2]) != calls:
        raise RuntimeError(f"not every call succeeded: {told[-400:].strip()}")
    latencies = sorted(int(line.split()[2]) / 1e6 for line in lines)
    return Sent(calls, float(took[1]) * _UNITS[took[2]], tuple(latencies), int(data[1]))
