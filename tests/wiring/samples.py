"""Configurations for the tests of a living process."""

from pathlib import Path

ROUTES = "routes: [{name: all, tiers: [a, b, c], model_version: MARK}]\n"
DEPLOYMENTS = """
deployments:
  a: {provider: openai, model: a, base_url: "http://127.0.0.1:9"}
  b: {provider: openai, model: b, base_url: "http://127.0.0.1:9"}
  c: {provider: openai, model: c, base_url: "http://127.0.0.1:9"}
"""


def text(mark: str = "v1", deployments: str = DEPLOYMENTS) -> str:
    return deployments + ROUTES.replace("MARK", mark)


def written(folder: Path, content: str) -> Path:
    file = folder / "gateway.yaml"
    file.write_text(content)
    return file
