"""docs/http.md: its curl commands are run as they stand, its figures are the code's."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from gateway.api.http_call import STREAM_TYPES, UNARY_TYPES
from gateway.api.http_options import MIB, HttpOptions
from tests.api.http import door

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "http.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"```sh\n(curl .*?)```", PAGE, re.DOTALL)


@pytest.mark.anyio
@pytest.mark.needs("curl")
@pytest.mark.parametrize("command", COMMANDS, ids=["chat", "keywords", "anomaly"])
async def test_the_commands_get_answers(command: str) -> None:
    async with door() as opened:
        here = command.replace("http://127.0.0.1:50080", opened.base)
        assert here != command
        process = await asyncio.create_subprocess_shell(
            here.replace("curl", "curl -sS --fail-with-body", 1), stdout=asyncio.subprocess.PIPE
        )
        answer, _ = await process.communicate()
        assert process.returncode == 0, answer
        assert json.loads(answer)["info"]["source"] == "SOURCE_RULES"


def test_the_figures_are_the_codes() -> None:
    options = HttpOptions()
    assert all(f"`{name}`" in PAGE for name in (*UNARY_TYPES, *STREAM_TYPES))
    assert f"closed after {options.idle_s:g} s" in PAGE
    assert f"a body may take {options.body_s:g} s" in PAGE
    assert f"for {options.stalled_s:g} s is hung up on" in PAGE
    assert f"at most {options.max_arriving_bytes // MIB} MiB together" in PAGE
    assert f"the limit of {options.max_request_bytes // MIB} MiB as JSON" in PAGE
    assert options.address in PAGE
