import pytest

from gateway.adapters.litellm.loading import Loader
from gateway.adapters.litellm.pricing import NO_TARIFF, cost_usd_micros, tariff_of
from gateway.core.model import Usage
from gateway.core.options import Price
from tests.adapters.litellm.samples import deployment

USAGE = Usage(input_tokens=1000, cached_input_tokens=400, output_tokens=200, reasoning_tokens=50)


def test_the_configured_price_wins_over_the_map() -> None:
    price = Price(
        input_usd_per_million=2, output_usd_per_million=10, cached_input_usd_per_million=0.5
    )
    tariff = tariff_of(deployment("m", price=price), {"openai/m": {"input_cost_per_token": 1}})
    assert cost_usd_micros(USAGE, tariff) == 600 * 2 + 400 * 0.5 + 200 * 10


def test_cached_input_costs_the_input_price_when_no_other_is_given() -> None:
    price = Price(input_usd_per_million=2, output_usd_per_million=0)
    assert cost_usd_micros(USAGE, tariff_of(deployment(price=price), {})) == 2000


def test_no_known_price_costs_nothing() -> None:
    assert tariff_of(deployment("unheard-of"), {}) == NO_TARIFF
    assert cost_usd_micros(USAGE, NO_TARIFF) == 0


def test_a_tiered_price_goes_by_the_size_of_the_prompt() -> None:
    tier = {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6, "range": [0, 1000]}
    dear = {"input_cost_per_token": 5e-6, "output_cost_per_token": 9e-6, "range": [1000, 2000]}
    tariff = tariff_of(deployment("m"), {"m": {"tiered_pricing": [dear, tier]}})
    assert cost_usd_micros(Usage(1000, 0, 10), tariff) == 1020
    assert cost_usd_micros(Usage(1001, 0, 10), tariff) == 5095
    assert cost_usd_micros(Usage(9999, 0, 0), tariff) == 49995


def test_reasoning_has_its_own_price_where_the_map_says_so() -> None:
    entry = {"output_cost_per_token": 1e-6, "output_cost_per_reasoning_token": 4e-6}
    assert cost_usd_micros(USAGE, tariff_of(deployment("m"), {"m": entry})) == 150 + 200


@pytest.mark.parametrize(
    ("provider", "model"),
    [("openai", "gpt-4o-mini"), ("deepseek", "deepseek-chat"), ("dashscope", "qwen-plus")],
)
def test_the_shipped_models_have_a_price_in_the_map(
    provider: str, model: str, loader: Loader
) -> None:
    tariff = tariff_of(deployment(model, provider=provider), loader.wait(60).price_map)
    assert cost_usd_micros(Usage(10_000, 0, 10_000), tariff) > 0


def test_every_tiered_price_of_the_map_can_be_read(loader: Loader) -> None:
    for name, entry in loader.wait(60).price_map.items():
        if entry.get("mode") == "chat":
            tariff = tariff_of(deployment(name), {name: entry})
            assert cost_usd_micros(USAGE, tariff) >= 0, name
