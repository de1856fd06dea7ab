"""Ports that several processes listen on: chosen once, and kept while the workers come and go."""

import socket
from types import TracebackType


class PortHeld:
    """A port bound by SO_REUSEPORT but not listened on: it takes no connection, only the place.

    Raises OSError when the address cannot be had, also when another program listens on it in the
    same way: it would get a part of the calls.
    """

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal():
            raise OSError(f"cannot listen on {address!r}: several workers need HOST:PORT")
        try:
            family, where = _resolved(host.strip("[]"), int(port))
            _bound(family, where, shared=False).close()
            self._socket = _bound(family, where, shared=True)
        except OSError as error:
            told = f"cannot listen on {address!r}: is another server using it?"
            raise OSError(told) from error
        self.address = f"{host}:{self._socket.getsockname()[1]}"
        """The address with the port in use."""

    def __enter__(self) -> "PortHeld":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the port go."""
        self._socket.close()


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    family, _, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return family, (str(where[0]), int(where[1]))


def _bound(family: socket.AddressFamily, where: tuple[str, int], *, shared: bool) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        # as servers do: connections of the last run that linger are no other server
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, int(shared))
        made.bind(where)
    except OSError:
        made.close()
        raise
    return made
