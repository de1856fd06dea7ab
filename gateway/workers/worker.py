"""What a gateway process does because it is a worker."""

import os
import signal
import threading

WORKER = "ERP_GATEWAY_WORKER"
"""Environment variable: the worker's number, from 1; absent in a gateway of one process."""


CREW = "ERP_GATEWAY_WORKERS"
"""Environment variable: how many workers there are; absent in a gateway of one process."""


def crew_size() -> int:
    """How many gateway processes share this machine's addresses, this one included."""
    return int(os.environ.get(CREW, "1"))


def number() -> int:
    """The number of the worker that runs here; 0 for a gateway of one process."""
    return int(os.environ.get(WORKER, "0"))


def own_address(address: str) -> str:
    """An address that each worker needs for itself, as this worker's: the port plus number - 1.

    Empty, port 0 (any) and what is no address stay as they are.
    """
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or port == "0":
        return address
    return f"{host}:{int(port) + max(0, number() - 1)}"


def end_with_supervisor() -> None:
    """Drain and end when the supervisor is gone, even killed: its end of our stdin closes then."""
    threading.Thread(target=_await_end, name="end-with-supervisor", daemon=True).start()


def _await_end() -> None:
    while os.read(0, 4096):  # not sys.stdin: its lock, held here, would abort the interpreter's end
        pass
    os.kill(os.getpid(), signal.SIGTERM)
