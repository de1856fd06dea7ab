"""A change that takes most away is taken for an accident."""

import pytest

from gateway.config import load_text
from gateway.config.guard import why_refused
from gateway.core.options import Plan


def plan(deployments: str, routes: str = "x") -> Plan:
    lines = [f'  {name}: {{provider: p, model: m, base_url: "http://a"}}' for name in deployments]
    head = "deployments:\n" + "\n".join(lines) if lines else ""
    named = [f"  - {{name: {r}, match: {{tenants: [{r}]}}}}" for r in routes]
    return load_text(f"{head}\nroutes:\n" + "\n".join([*named, "  - {name: all}"]), "f", {}).plan


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        ("abcd", "abcd", False),
        ("abcd", "ab", False),  # half is a planned move
        ("abcd", "a", True),
        ("abcd", "wxyz", True),  # new ones do not make up for lost ones
        ("a", "", True),
        ("", "a", False),
        ("", "", False),
    ],
)
def test_more_than_half_of_the_deployments_may_not_go(old: str, new: str, refused: bool) -> None:
    assert bool(why_refused(plan(old), plan(new))) is refused


def test_more_than_half_of_the_routes_may_not_go() -> None:
    assert why_refused(plan("a", "xyz"), plan("a", "x")) == ""
    reason = why_refused(plan("a", "xyz"), plan("a", ""))
    assert reason.startswith("this change would take away 3 of 4 routes (x, y, z)")
    assert "`erp-gateway reload --force`" in reason
