"""Programs built on a released contract go on working; a change that would break them is seen."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.golden.serve import Addresses
from tests.processes import ROOT

PROTO = ROOT / "proto"
RELEASED = sorted(path for path in (PROTO / "released").iterdir() if path.is_dir())
BUF = Path(sys.executable).parent / "buf"
PROGRAM = """
import json, sys
import grpc
from gateway.v1 import anomaly_pb2, chat_pb2, common_pb2, keywords_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub

options = common_pb2.RequestOptions(answer_by=common_pb2.ANSWER_BY_RULES_ONLY)
message = chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text="How long does delivery take?")
chat = chat_pb2.ChatRequest(messages=[message], options=options)
listing = keywords_pb2.Listing(title="Stainless Steel Water Bottle with Straw Lid, 32 oz")
points = [anomaly_pb2.Point(value=v) for v in [10.0, 11.0] * 30 + [500.0]]
for n, point in enumerate(points):
    point.time.seconds = 1_767_571_200 + n * 86_400
series = anomaly_pb2.Series(series_id="s", points=points)
with grpc.insecure_channel(sys.argv[1]) as channel:
    stub = GatewayServiceStub(channel)
    keywords = keywords_pb2.ExtractKeywordsRequest(listing=listing, options=options)
    judged = anomaly_pb2.DetectAnomalyRequest(series=series, options=options)
    events = stub.StreamChat(chat_pb2.StreamChatRequest(chat=chat), timeout=60)
    print(json.dumps({
        "stubs": chat_pb2.__file__,
        "text": stub.Chat(chat, timeout=60).text,
        "keywords": [k.text for k in stub.ExtractKeywords(keywords, timeout=60).keywords],
        "anomalies": len(stub.DetectAnomaly(judged, timeout=60).anomalies),
        "events": [event.WhichOneof("event") for event in events],
    }))
"""


def test_there_is_a_released_contract() -> None:
    assert RELEASED


@pytest.mark.e2e
@pytest.mark.needs("openssl")
@pytest.mark.parametrize("released", RELEASED, ids=[path.name for path in RELEASED])
def test_stubs_of_a_released_contract_still_call(
    released: Path, addresses: Addresses, tmp_path: Path
) -> None:
    generate = [sys.executable, str(PROTO / "generate.py"), "--proto", str(released)]
    subprocess.run([*generate, "--out", str(tmp_path), "gateway/v1"], check=True)  # noqa: S603
    (tmp_path / "gateway" / "__init__.py").touch()  # or the source tree's package would be found
    program = tmp_path / "program.py"  # its folder comes first on the path
    program.write_text(PROGRAM)
    command = [sys.executable, str(program), addresses.gateway]
    told = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    found = json.loads(told.stdout)
    assert found["stubs"].startswith(str(tmp_path))
    assert found["text"]
    assert len(found["keywords"]) == 5
    assert found["anomalies"] == 1
    assert (found["events"][0], found["events"][-1]) == ("started", "completed")


def breaking(changed: Path) -> subprocess.CompletedProcess[str]:
    command = [str(BUF), "breaking", "--against", str(RELEASED[-1])]
    return subprocess.run(command, cwd=changed, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.mark.parametrize(
    ("old", "new", "seen"),
    [
        ("string locale = 1;", "string language = 1;", 'from "locale" to "language"'),
        ("string locale = 1;", "int32 locale = 1;", "changed type"),
        ("string locale = 1;", "", "was deleted"),
        ("SOURCE_CACHE = 2;", "SOURCE_CACHED = 2;", "SOURCE_CACHE"),
    ],
)
def test_a_change_that_breaks_released_programs_is_seen(
    old: str, new: str, seen: str, tmp_path: Path
) -> None:
    changed = tmp_path / "proto"
    shutil.copytree(PROTO, changed, ignore=shutil.ignore_patterns("released", "__pycache__"))
    assert breaking(changed).returncode == 0
    common = changed / "gateway" / "v1" / "common.proto"
    text = common.read_text()
    assert old in text
    common.write_text(text.replace(old, new))
    result = breaking(changed)
    assert result.returncode != 0
    assert seen in result.stdout
