"""The golden cases, played by the sync and the async client."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from erp_gateway_client import Settings, Tls
from tests.clients.python.callers import AsyncCaller, SyncCaller
from tests.clients.python.conftest import serving
from tests.golden.case import Case, cases
from tests.golden.replay import Board, board, play
from tests.golden.serve import Addresses

pytestmark = [pytest.mark.anyio, pytest.mark.e2e, pytest.mark.needs("openssl")]

CASES = cases()
OVER_TLS = (
    *("chat-model", "error-violations", "deadline-frozen", "restart-during"),
    *("stream-cancel", "stream-ok", "stream-restarted"),
)


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


@pytest.fixture(scope="module", params=["tls", "mtls"])
def secured(request: pytest.FixtureRequest) -> Iterator[tuple[Addresses, Settings]]:
    """A gateway that speaks TLS, and the settings that it asks for."""
    with serving(request.param) as at:
        shown = request.param == "mtls"
        yield (
            at,
            Settings(
                tls=Tls(
                    root_pem=Path(at.ca).read_bytes(),
                    certificate_pem=Path(at.certificate).read_bytes() if shown else None,
                    key_pem=Path(at.key).read_bytes() if shown else None,
                )
            ),
        )


@pytest.mark.parametrize("name", OVER_TLS)
async def test_cases_are_the_same_over_tls_and_mtls(
    name: str, secured: tuple[Addresses, Settings]
) -> None:
    at, settings = secured
    (case,) = (case for case in CASES if case.name == name)
    sync_caller, async_caller = SyncCaller(at.gateway, settings), AsyncCaller(at.gateway, settings)
    async with board(at) as on:
        await play(case, on, sync_caller)
        await play(case, on, async_caller)
    sync_caller.close()
    await async_caller.aclose()


def test_every_case_is_called_as_its_file() -> None:
    files = {file.stem for file in (Path(__file__).parents[2] / "golden" / "cases").iterdir()}
    assert {case.name for case in CASES} == files
