"""What models cost, by the file or by LiteLLM's map."""

from gateway.adapters.litellm.loading import Loader
from gateway.adapters.litellm.price_file import shipped_prices
from gateway.adapters.litellm.prices import LitellmPrices
from gateway.core.model import Usage
from gateway.core.options import Deployment, Price

LISTED = Deployment(name="listed", provider="openai", model="gpt-5.4-mini")
OWN = Deployment(
    name="own",
    provider="openai",
    model="m",
    price=Price(input_usd_per_million=1, output_usd_per_million=2),
)
USED = Usage(input_tokens=1_000_000, output_tokens=1_000_000)


def test_until_litellm_has_loaded_only_prices_of_the_file_are_known() -> None:
    prices = LitellmPrices(Loader())
    assert prices.cost_usd_micros(LISTED, USED) is None
    assert prices.cost_usd_micros(OWN, USED) == 3_000_000


def test_the_map_that_loads_is_the_map_in_the_package(loader: Loader) -> None:
    prices = LitellmPrices(loader)
    vendor = loader.wait(60.0)
    assert prices.cost_usd_micros(LISTED, USED) == 5_250_000
    assert prices.cost_usd_micros(OWN, USED) == 3_000_000
    entry = shipped_prices()["gpt-5.4-mini"]
    assert entry["input_cost_per_token"] == vendor.price_map["gpt-5.4-mini"]["input_cost_per_token"]


def test_a_new_configuration_of_a_deployment_has_its_own_price() -> None:
    prices = LitellmPrices(Loader())
    assert prices.cost_usd_micros(OWN, USED) == 3_000_000
    free = Deployment(
        name="own",
        provider="openai",
        model="m",
        price=Price(input_usd_per_million=0, output_usd_per_million=0),
    )
    assert prices.cost_usd_micros(free, USED) == 0


def test_a_model_that_nobody_prices_has_no_price(loader: Loader) -> None:
    loader.wait(60.0)
    unknown = Deployment(name="x", provider="openai", model="no-such-model")
    prices = LitellmPrices(loader)
    assert prices.cost_usd_micros(unknown, USED) is None
    assert repr(prices) == "LitellmPrices(Loader(loaded), kept=1)"
