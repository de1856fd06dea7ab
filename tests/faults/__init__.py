"""An OpenAI-compatible server that misbehaves on purpose; README.md lists how."""

from tests.faults.answer import TEXT, TEXT_ZH, ToolCall
from tests.faults.log import Seen, now_s
from tests.faults.script import Play
from tests.faults.server import FaultServer, Options

__all__ = ["TEXT", "TEXT_ZH", "FaultServer", "Options", "Play", "Seen", "ToolCall", "now_s"]
