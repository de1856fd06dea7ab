"""Ports that several processes listen on."""

import socket

import pytest

from gateway.workers.ports import PortHeld


def listener(address: str, *, shared: bool) -> socket.socket:
    host, _, port = address.rpartition(":")
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, int(shared))
    made.bind((host, int(port)))
    made.listen()
    return made


def test_a_free_port_is_chosen_and_workers_can_listen_on_it() -> None:
    with (
        PortHeld("127.0.0.1:0") as held,
        listener(held.address, shared=True) as one,
        listener(held.address, shared=True) as other,
    ):
        assert one.getsockname() == other.getsockname()
        assert not held.address.endswith(":0")


@pytest.mark.parametrize("shared", [True, False])
def test_a_port_that_another_program_listens_on_is_refused(shared: bool) -> None:
    with (
        PortHeld("127.0.0.1:0") as held,
        listener(held.address, shared=True),
        pytest.raises(OSError, match="is another server using it"),
    ):
        PortHeld(held.address)
    with listener("127.0.0.1:0", shared=shared) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="is another server using it"):
            PortHeld(f"127.0.0.1:{port}")


@pytest.mark.parametrize("address", ["unix:/tmp/x", "50051", "localhost:http"])
def test_an_address_that_is_no_host_and_port_is_refused(address: str) -> None:
    with pytest.raises(OSError, match="HOST:PORT"):
        PortHeld(address)
