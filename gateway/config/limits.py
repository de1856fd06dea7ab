"""What the file says of limits and prices, as the engine wants it: spelled out, in US dollars."""

from gateway.config.node import Node, merged
from gateway.config.schema import PriceEntry
from gateway.core.options import Price


def with_each_tenant(tree: Node) -> Node:
    """Limits of single tenants, with what `each_tenant` says where they do not say otherwise."""
    limits, tenants = tree.child("limits"), tree.find(("limits", "tenants"))
    base = tree.find(("limits", "each_tenant"))
    if limits is None or tenants is None or base is None:
        return tree
    if not isinstance(tenants.value, dict):
        return tree
    value = {name: merged(base, node) or node for name, node in tenants.value.items()}
    return _with(tree, "limits", _with(limits, "tenants", _with_value(tenants, value)))


def price_in_usd(entry: PriceEntry | None, cny_per_usd: float | None) -> Price | None:
    """The price in US dollars; None when there is none. The file has been cross-checked."""
    if entry is None:
        return None
    if entry.input_usd_per_million is not None and entry.output_usd_per_million is not None:
        return Price(
            input_usd_per_million=entry.input_usd_per_million,
            output_usd_per_million=entry.output_usd_per_million,
            cached_input_usd_per_million=entry.cached_input_usd_per_million,
        )
    if entry.input_cny_per_million is None or entry.output_cny_per_million is None:
        return None
    rate = cny_per_usd or 1.0
    cached = entry.cached_input_cny_per_million
    return Price(
        input_usd_per_million=entry.input_cny_per_million / rate,
        output_usd_per_million=entry.output_cny_per_million / rate,
        cached_input_usd_per_million=None if cached is None else cached / rate,
    )


def _with(node: Node, key: str, child: Node) -> Node:
    return _with_value(node, {**node.value, key: child} if isinstance(node.value, dict) else {})


def _with_value(node: Node, value: dict[str, Node]) -> Node:
    return Node(value, node.spot, node.keys)
