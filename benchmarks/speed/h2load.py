"""The load generator: h2load of nghttp2, in C, so that it is no limit and takes little CPU."""

import asyncio
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

INSTALL = "apt-get install -y nghttp2-client"
_TOTAL = re.compile(r"requests: (\d+) total, .*? (\d+) succeeded, (\d+) failed")
_TOOK = re.compile(r"finished in ([\d.]+)(us|ms|s)")
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
    """What came of it; latencies in seconds, sorted."""

    calls: int
    took_s: float
    latencies_s: tuple[float, ...]

    def percentile_s(self, share: float) -> float:
        return self.latencies_s[min(len(self.latencies_s) - 1, int(share * len(self.latencies_s)))]


def missing() -> str:
    """What to install; empty when all is there."""
    return "" if shutil.which("h2load") else f"h2load is missing; {INSTALL}"


async def send(target: Target, load: Load) -> Sent:
    """Run h2load; raises RuntimeError with its words when a call failed."""
    with tempfile.TemporaryDirectory() as folder:
        body, log = Path(folder) / "body", Path(folder) / "log"
        body.write_bytes(target.body)  # nothing else runs here
        command = ["h2load", "-n", str(load.calls), "-c", str(load.connections)]
        command += ["--h1"] if target.http1 else ["-m", str(load.streams)]
        command += ["-d", str(body), "--log-file", str(log), "-T", "60"]
        for name, value in target.headers.items():
            command += ["-H", f"{name}: {value}"]
        process = await asyncio.create_subprocess_exec(
            *command, target.url, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        told = (await process.communicate())[0].decode()
        lines = log.read_text().splitlines()
    return _read(told, lines, load.calls)


def _read(told: str, lines: list[str], calls: int) -> Sent:
    total, took = _TOTAL.search(told), _TOOK.search(told)
    if total is None or took is None or int(total[2]) != calls:
        raise RuntimeError(f"not every call succeeded:\n{told[-1500:]}")
    latencies = sorted(int(line.split()[2]) / 1e6 for line in lines)
    return Sent(calls, float(took[1]) * _UNITS[took[2]], tuple(latencies))
