"""How a process asks its C library for memory."""

import ctypes
import os

_ARENA_MAX = -8
"""M_ARENA_MAX of glibc's malloc.h."""


def one_heap() -> None:
    """Let all threads of the process share one heap, unless MALLOC_ARENA_MAX says otherwise.

    glibc gives threads heaps of their own, so that they do not wait for each other; here nearly
    all work is done by one thread at a time, and what gRPC's threads free stays with them.
    Measured: 3 KB less for each call in flight (19.4, with eight heaps 22.1); its CPU is lost in
    the noise. Other C libraries have no such thing.
    Call it before threads are started.
    """
    if "MALLOC_ARENA_MAX" in os.environ:
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    mallopt(_ARENA_MAX, 1)
