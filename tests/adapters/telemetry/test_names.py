"""Labels are bounded, whatever callers send."""

from gateway.adapters.telemetry.names import NO_TENANT, OTHER_TENANTS, TenantNames, provider_name
from gateway.core.options import MetricsOptions


def test_the_named_tenants_and_the_first_few_have_figures_of_their_own() -> None:
    names = TenantNames(MetricsOptions(tenants=("big",), max_tenants=2))
    assert [names.label(t) for t in ("a", "b", "c", "big", "a")] == [
        *("a", "b", OTHER_TENANTS, "big", "a")
    ]


def test_ten_thousand_tenants_make_no_more_labels_than_were_asked_for() -> None:
    names = TenantNames(MetricsOptions(max_tenants=50))
    assert len({names.label(f"t{n}") for n in range(10_000)}) == 51


def test_a_call_refused_before_its_key_was_known_has_no_tenant() -> None:
    assert TenantNames(MetricsOptions()).label("") == NO_TENANT


def test_providers_are_called_as_the_convention_calls_them() -> None:
    assert [provider_name(p) for p in ("openai", "xai", "dashscope")] == [
        *("openai", "x_ai", "dashscope")
    ]
