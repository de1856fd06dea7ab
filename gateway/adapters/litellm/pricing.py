"""What a reply cost, from the deployment's price or the price map that ships with LiteLLM."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.core.model import Usage
from gateway.core.options import Deployment, Price


@dataclass(frozen=True, slots=True)
class Rates:
    """US dollars for one token; equal to millionths of a dollar for a million of them."""

    input_usd: float
    output_usd: float
    cached_input_usd: float
    reasoning_usd: float
    up_to_input_tokens: float = float("inf")
    """The rates hold for prompts up to this size; larger ones pay the next tier."""


Tariff = tuple[Rates, ...]
"""Tiers by size of the prompt, smallest first; empty when no price is known."""

NO_TARIFF: Tariff = ()


def cost_usd_micros(usage: Usage, tariff: Tariff) -> int:
    """Millionths of a dollar, rounded; 0 when no price is known."""
    if not tariff:
        return 0
    fitting = (rates for rates in tariff if usage.input_tokens <= rates.up_to_input_tokens)
    rates = next(fitting, tariff[-1])
    cached = min(usage.cached_input_tokens, usage.input_tokens)
    reasoning = min(usage.reasoning_tokens, usage.output_tokens)
    dollars = (
        (usage.input_tokens - cached) * rates.input_usd
        + cached * rates.cached_input_usd
        + (usage.output_tokens - reasoning) * rates.output_usd
        + reasoning * rates.reasoning_usd
    )
    return round(dollars * 1e6)


def tariff_of(deployment: Deployment, price_map: Mapping[str, Mapping[str, Any]]) -> Tariff:
    """The deployment's own price, else LiteLLM's for provider and model."""
    if deployment.price is not None:
        return (_configured(deployment.price),)
    for key in (f"{deployment.provider}/{deployment.model}", deployment.model):
        entry = price_map.get(key)
        if entry is not None:
            return _mapped(entry)
    return NO_TARIFF


def _configured(price: Price) -> Rates:
    cached = price.cached_input_usd_per_million
    return Rates(
        price.input_usd_per_million / 1e6,
        price.output_usd_per_million / 1e6,
        (price.input_usd_per_million if cached is None else cached) / 1e6,
        price.output_usd_per_million / 1e6,
    )


def _mapped(entry: Mapping[str, Any]) -> Tariff:
    tiers = entry.get("tiered_pricing")
    if not tiers:
        return (_rates(entry, float("inf")),)
    ends = [float(tier.get("range", (0, "inf"))[1]) for tier in tiers]
    ordered = sorted(zip(ends, tiers, strict=True), key=lambda pair: pair[0])
    return tuple(_rates(tier, end) for end, tier in ordered)


def _rates(entry: Mapping[str, Any], end: float) -> Rates:
    given = float(entry.get("input_cost_per_token") or 0)
    output = float(entry.get("output_cost_per_token") or 0)
    cached = entry.get("cache_read_input_token_cost")
    reasoning = entry.get("output_cost_per_reasoning_token")
    return Rates(
        given,
        output,
        given if cached is None else float(cached),
        output if reasoning is None else float(reasoning),
        end,
    )
