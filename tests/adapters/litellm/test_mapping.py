from typing import Any

import pytest

from gateway.adapters.litellm.asking import asked
from gateway.adapters.litellm.loading import Loader, Vendor
from gateway.adapters.litellm.mapping import RequestMapping
from gateway.core.errors import RequestRejected
from gateway.core.model import Prompt
from gateway.core.options import Deployment
from tests.adapters.litellm.samples import SCHEMA, TOOLS, deployment, prompt

VLLM = "http://vllm:8000/v1"


def counted(vendor: Vendor, calls: list[Any], of: Deployment) -> RequestMapping:
    """A mapping whose questions to LiteLLM are counted."""
    mapping = RequestMapping(of, vendor)

    def params(**kwargs: Any) -> dict[str, Any]:
        calls.append(kwargs)
        return vendor.params(**kwargs)

    mapping._params = params
    return mapping


@pytest.mark.parametrize("name", ["openai", "deepseek", "dashscope"])
def test_litellm_is_asked_once_for_each_kind_of_request(loader: Loader, name: str) -> None:
    calls: list[Any] = []
    of = deployment("m", VLLM, provider=name)
    mapping = counted(loader.wait(60), calls, of)
    kinds: list[Prompt] = [prompt(), prompt(tools=TOOLS), prompt(json_schema=SCHEMA)]
    first = [mapping.body(asked(of, kind, stream=False)) for kind in kinds]
    assert len(calls) == 3
    assert [mapping.body(asked(of, kind, stream=False)) for kind in kinds] == first
    assert len(calls) == 3


def test_a_kept_mapping_carries_the_values_of_each_request(loader: Loader) -> None:
    of = deployment("m", VLLM)
    mapping = RequestMapping(of, loader.wait(60))
    mapping.body(asked(of, prompt("one", tools=TOOLS[:1]), stream=False))
    second = mapping.body(asked(of, prompt("two", tools=TOOLS[1:]), stream=False))
    assert second["messages"][-1]["content"] == "two"
    assert [tool["function"]["name"] for tool in second["tools"]] == ["ship"]


def test_many_temperatures_do_not_fill_the_memory(loader: Loader) -> None:
    of = deployment("m", VLLM)
    mapping = RequestMapping(of, loader.wait(60))
    for number in range(600):
        mapping.body(asked(of, prompt(temperature=number / 1000), stream=False))
    assert int(repr(mapping).split("kept=")[1].rstrip(")")) <= 256


def test_what_litellm_refuses_to_map_is_a_rejected_request(loader: Loader) -> None:
    of = deployment("m", VLLM)
    mapping = RequestMapping(of, loader.wait(60))

    def params(**kwargs: Any) -> dict[str, Any]:
        raise ValueError("Mrs Li may not")

    mapping._params = params
    with pytest.raises(RequestRejected) as raised:
        mapping.body(asked(of, prompt(), stream=False))
    assert "Mrs Li" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "url", "complete"),
    [
        ("openai", "", "https://api.openai.com/v1/chat/completions"),
        ("deepseek", "", "https://api.deepseek.com/chat/completions"),
        ("dashscope", "", "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions"),
        ("openai", VLLM, f"{VLLM}/chat/completions"),
        ("openai", f"{VLLM}/", f"{VLLM}/chat/completions"),
        ("hosted_vllm", VLLM, f"{VLLM}/chat/completions"),
    ],
)
def test_the_address_is_the_providers_unless_one_is_configured(
    loader: Loader, name: str, url: str, complete: str
) -> None:
    mapping = RequestMapping(deployment("m", url, provider=name), loader.wait(60))
    assert mapping.url == complete
