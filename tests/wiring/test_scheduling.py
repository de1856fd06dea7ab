"""How the kernel schedules a serving process."""

import os
import subprocess
import sys

SCRIPT = """
import os, threading
from gateway.wiring.scheduling import let_each_other_finish
let_each_other_finish()
thread = threading.Thread(target=lambda: print(os.sched_getscheduler(0)))
thread.start(); thread.join()
"""


def test_threads_begun_later_do_not_push_each_other_off_a_core() -> None:
    told = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, check=True)  # noqa: S603
    assert int(told.stdout) == os.SCHED_BATCH
