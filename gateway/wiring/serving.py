"""The life of a process that serves: its signals, its garbage collector, its end."""

import asyncio
import gc
import logging
import multiprocessing.util
import signal
from asyncio import FIRST_COMPLETED
from collections.abc import Callable
from typing import NoReturn

import uvloop

from gateway.config import Config
from gateway.config.source import Source
from gateway.wiring.application import Application
from gateway.wiring.scheduling import let_each_other_finish
from gateway.workers.leaving import leave

log = logging.getLogger(__name__)


class EnginesUnloadableError(Exception):
    """The engines behind the open doors cannot load: nothing would ever be answered."""


def serve(config: Config, ready: Callable[[Application], None], source: Source) -> NoReturn:
    """Serve until SIGTERM or SIGINT, then drain and end the process with exit code 0.

    SIGHUP reads the configuration again. `ready` is called once the doors are open. Raises what
    `Application.start` raises, and EnginesUnloadableError.
    """
    let_each_other_finish()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(config, ready, source))
        # what the rules' processes shared is taken back; Python does so only in an orderly end
        multiprocessing.util._exit_function()  # type: ignore[attr-defined] # noqa: SLF001 # nothing public
        leave(0)


async def _serve(config: Config, ready: Callable[[Application], None], source: Source) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    application = Application(config, source)
    await application.start()
    loop.add_signal_handler(signal.SIGHUP, application.reload)
    ready(application)
    loading = asyncio.create_task(_load(application))
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait({loading, stopped}, return_when=FIRST_COMPLETED)
    if loading.done() and (error := loading.exception()):
        await _give_up(application, error)
    await stopped
    log.info("draining: calls in progress are finished, new ones go elsewhere")
    # calls that wait for the engines get them
    await application.drain(application.config.server.drain_s)
    loading.cancel()
    await asyncio.wait({loading})
    await application.close()


async def _load(application: Application) -> None:
    untrained = await application.load_engines()
    gc.collect()
    gc.freeze()  # what was loaded stays: the collector need not walk it again (60 -> 20 ms)
    gc.enable()  # before LiteLLM's import, which switches it off and on by itself
    application.begin_behind(untrained)


async def _give_up(application: Application, error: BaseException) -> NoReturn:
    """Nobody inside can be answered any more, so nobody is waited for."""
    log.error("the engines cannot be loaded; ending", exc_info=error)
    await application.drain(0.0)
    await application.close()
    told = f"the engines cannot be loaded ({type(error).__name__}: {error}): install what is locked"
    raise EnginesUnloadableError(told) from error
