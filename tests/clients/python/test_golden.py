"""The golden cases, played by the sync and the async client."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from erp_gateway_client import Settings, Tls
from tests.clients.python.callers import AsyncCaller, SyncCaller
from tests.golden.case import Case, cases
from tests.golden.replay import Board, board, play
from tests.golden.serve import Addresses

pytestmark = [pytest.mark.anyio, pytest.mark.e2e, pytest.mark.needs("openssl")]

CASES = cases()


@pytest.fixture
async def on(addresses: Addresses) -> AsyncIterator[Board]:
    async with board(addresses) as found:
        yield found


@pytest.fixture(scope="module")
def sync_caller(addresses: Addresses) -> Iterator[SyncCaller]:
    caller = SyncCaller(addresses.gateway)
    yield caller
    caller.close()


@pytest.fixture
async def async_caller(addresses: Addresses) -> AsyncIterator[AsyncCaller]:
    caller = AsyncCaller(addresses.gateway)
    yield caller
    await caller.aclose()


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_the_sync_client_plays_the_case(
    case: Case, on: Board, sync_caller: SyncCaller
) -> None:
    await play(case, on, sync_caller)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_the_async_client_plays_the_case(
    case: Case, on: Board, async_caller: AsyncCaller
) -> None:
    await play(case, on, async_caller)


def _tls(addresses: Addresses, *, shown: bool) -> Settings:
    certificate, key = Path(addresses.certificate), Path(addresses.key)
    return Settings(
        tls=Tls(
            root_pem=Path(addresses.ca).read_bytes(),
            certificate_pem=certificate.read_bytes() if shown else None,
            key_pem=key.read_bytes() if shown else None,
        )
    )


@pytest.mark.parametrize("name", ["chat-model", "stream-restarted", "error-violations"])
@pytest.mark.parametrize("mutual", [False, True])
async def test_cases_are_the_same_over_tls_and_mtls(
    name: str, mutual: bool, addresses: Addresses, on: Board
) -> None:
    target = addresses.mtls if mutual else addresses.tls
    (case,) = (case for case in CASES if case.name == name)
    sync_caller = SyncCaller(target, _tls(addresses, shown=mutual))
    await play(case, on, sync_caller)
    sync_caller.close()
    async_caller = AsyncCaller(target, _tls(addresses, shown=mutual))
    await play(case, on, async_caller)
    await async_caller.aclose()


def test_every_case_is_called_as_its_file() -> None:
    files = {file.stem for file in (Path(__file__).parents[2] / "golden" / "cases").iterdir()}
    assert {case.name for case in CASES} == files
