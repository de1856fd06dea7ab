import asyncio
import gc
import subprocess
import sys
import threading

import pytest

from gateway.adapters.litellm.loading import Loader, Vendor
from gateway.core.errors import ConnectFailed, DeadlineCut

pytestmark = pytest.mark.anyio


async def test_a_call_that_cannot_wait_for_the_load_is_cut_without_blame() -> None:
    gate = threading.Event()
    loader = Loader(lambda: gate.wait(10) and None)  # type: ignore[arg-type,return-value]
    with pytest.raises(DeadlineCut) as raised:
        await loader.ready(0.01)
    assert not raised.value.counts
    gate.set()


async def test_many_calls_wait_for_one_load(loader: Loader) -> None:
    loads: list[int] = []
    vendor = loader.wait(60)

    def load() -> Vendor:
        loads.append(1)
        return vendor

    one = Loader(load)
    one.start()
    assert all(v is vendor for v in await asyncio.gather(*(one.ready(5) for _ in range(20))))
    assert loads == [1]


async def test_a_load_that_fails_is_told_to_every_call() -> None:
    def load() -> Vendor:
        raise ImportError("No module named 'litellm'")

    loader = Loader(load)
    for _ in range(2):
        with pytest.raises(ConnectFailed, match="cannot be loaded"):
            await loader.ready(5)


async def test_a_cancelled_call_leaves_the_load_to_the_others(loader: Loader) -> None:
    gate = threading.Event()
    vendor = loader.wait(60)

    def load() -> Vendor:
        gate.wait(10)
        return vendor

    one = Loader(load)
    waiting = asyncio.create_task(one.ready(5))
    await asyncio.sleep(0)
    waiting.cancel()
    gate.set()
    assert await one.ready(5) is vendor


async def test_the_collector_runs_again_after_the_load_and_skips_what_was_loaded(
    loader: Loader,
) -> None:
    vendor, during = loader.wait(60), []

    def load() -> Vendor:
        during.append(gc.isenabled())
        return vendor

    frozen = gc.get_freeze_count()
    await Loader(load).ready(5)
    assert during == [False]
    assert gc.isenabled()
    assert gc.get_freeze_count() > frozen


def test_its_state_shows(loader: Loader) -> None:
    assert repr(Loader()) == "Loader(not started)"
    loader.wait(60)
    assert repr(loader) == "Loader(loaded)"


def test_litellm_has_everything_of_its_own_off(loader: Loader) -> None:
    loader.wait(60)
    import litellm  # noqa: PLC0415 - only after it was loaded offline

    off = (litellm.cache, litellm.telemetry, litellm.drop_params, litellm.num_retries)
    assert not any(off)
    assert litellm.callbacks == litellm.success_callback == litellm.failure_callback == []
    assert litellm.disable_token_counter
    assert litellm.suppress_debug_info


def test_importing_the_adapter_does_not_import_litellm() -> None:
    script = "import sys, gateway.adapters.litellm as _; sys.exit('litellm' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)  # noqa: S603 - a text of ours


def test_loading_opens_no_network_connection() -> None:
    script = """
import socket, sys
class Refused(socket.socket):
    def connect(self, address): sys.exit(f"connected to {address}")
    connect_ex = connect
socket.socket = Refused
def refused(*args, **kwargs): sys.exit(f"resolved {args}")
socket.getaddrinfo = refused
from gateway.adapters.litellm.loading import load_vendor
assert load_vendor().price_map["gpt-4o-mini"]
"""
    subprocess.run([sys.executable, "-c", script], check=True)  # noqa: S603 - a text of ours
