"""How a process that served ends."""

import contextlib
import logging
import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End now, with exit code `code`. Called when all is closed and the signals are still ours.

    An orderly end would wait for threads that still load or wait, and give the signals back to
    the system first: a second SIGTERM would then count as a crash.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(code)
