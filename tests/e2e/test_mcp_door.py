"""The MCP door of the real process, with the official SDK's client."""

import json
from pathlib import Path

import pytest
from mcp import Client

from tests.processes import ROOT, gateway

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

DAYS = [{"time": f"2026-10-{day:02}T00:00:00Z", "value": 100 + day % 3} for day in range(1, 31)]
BROKEN = [*DAYS, {"time": "2026-10-31T00:00:00Z", "value": 3}]


async def test_a_client_uses_the_three_calls(tmp_path: Path) -> None:
    config = tmp_path / "gateway.yaml"
    server = {"listen": "127.0.0.1:0", "http_listen": "127.0.0.1:0", "mcp": True}
    knowledge = str(ROOT / "config" / "knowledge")
    file = {"server": server, "knowledge": knowledge, "routes": [{"name": "all"}]}
    config.write_text(json.dumps(file))
    async with (
        gateway(config, tmp_path / "log") as process,
        Client(f"http://{process.http}/mcp") as peer,
    ):
        assert len((await peer.list_tools()).tools) == 3
        chat = await peer.call_tool(
            "chat", {"messages": [{"role": "ROLE_USER", "text": "How long does shipping take?"}]}
        )
        assert chat.structured_content is not None
        assert chat.structured_content["info"]["source"] == "SOURCE_RULES"
        assert chat.content[0].model_dump()["text"] == chat.structured_content["text"]
        keywords = await peer.call_tool(
            "extract_keywords", {"listing": {"title": "Stainless steel water bottle, leak proof"}}
        )
        assert keywords.structured_content is not None
        assert "water bottle" in [k["text"] for k in keywords.structured_content["keywords"]]
        anomaly = await peer.call_tool(
            "detect_anomaly",
            {"series": {"seriesId": "s", "points": BROKEN, "interval": "INTERVAL_DAY"}},
        )
        assert anomaly.structured_content is not None
        assert [a["value"] for a in anomaly.structured_content["anomalies"]] == [3]
