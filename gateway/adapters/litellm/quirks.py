"""What is peculiar about providers, as data: one row per family; each row has its test.

A row is chosen by the deployment's `provider`; the deployment's own `quirks` come on top.
Sources: the providers' API references and the refusals their endpoints answer with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from gateway.core.options import Deployment, JsonMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Peculiarities shared by all models of a provider."""

    json_mode: JsonMode = JsonMode.PROMPT
    """What it offers for JSON answers; PROMPT is what every model understands."""
    base_url: str = ""
    """Address when the deployment gives none; LiteLLM's when empty."""
    unary_body: Mapping[str, Any] = field(default_factory=dict)
    """Fields added to the body of calls that are not streamed."""
    json_body: Mapping[str, Any] = field(default_factory=dict)
    """Fields added to the body of calls for JSON, streamed or not."""
    stream_usage: bool = True
    """Whether it takes `stream_options: {include_usage: true}`."""


QWEN = Family(
    json_mode=JsonMode.OBJECT,
    unary_body={"enable_thinking": False},  # thinking is refused on calls that are not streamed
    json_body={"enable_thinking": False},  # and JSON output is refused while thinking
)
COMPATIBLE = Family(json_mode=JsonMode.OBJECT)
OPENAI = Family(json_mode=JsonMode.SCHEMA, base_url="https://api.openai.com/v1")

FAMILIES: Mapping[str, Family] = {
    "openai": OPENAI,
    # LiteLLM's own default is the beta endpoint; json_schema is refused
    "deepseek": Family(json_mode=JsonMode.OBJECT, base_url="https://api.deepseek.com"),
    "dashscope": QWEN,
    "qwencloud": QWEN,
    "qwen_ai_platform": QWEN,
    "hosted_vllm": Family(json_mode=JsonMode.SCHEMA),
    "azure": Family(json_mode=JsonMode.SCHEMA),
    "gemini": Family(json_mode=JsonMode.SCHEMA),
    "groq": COMPATIBLE,
    "mistral": COMPATIBLE,
    "moonshot": COMPATIBLE,
    "openrouter": COMPATIBLE,
    "together_ai": COMPATIBLE,
    "xai": COMPATIBLE,
    "zai": COMPATIBLE,
}
UNKNOWN = Family()


def family_of(deployment: Deployment) -> Family:
    """The row of a deployment.

    `openai` at an address that is not OpenAI's is some compatible server: json_object is what
    they have in common, `quirks.json_mode` says if one knows more.
    """
    if deployment.provider == "openai" and not _at_openai(deployment.base_url):
        return COMPATIBLE
    return FAMILIES.get(deployment.provider, UNKNOWN)


def json_mode_of(deployment: Deployment) -> JsonMode:
    """How JSON answers are asked of a deployment."""
    return deployment.quirks.json_mode or family_of(deployment).json_mode


def extra_body_of(deployment: Deployment, *, stream: bool, json: bool) -> dict[str, Any]:
    """Fields added to a request body; the deployment's own win."""
    family = family_of(deployment)
    extra: dict[str, Any] = {}
    if not stream:
        extra.update(family.unary_body)
    if json:
        extra.update(family.json_body)
    extra.update(deployment.quirks.extra_body)
    return extra


@lru_cache(maxsize=256)  # asked twice a call, 10 us each time
def _at_openai(base_url: str) -> bool:
    if not base_url:
        return True
    host = urlsplit(base_url).hostname or ""
    return host == "openai.com" or host.endswith(".openai.com")
