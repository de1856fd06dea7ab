"""The quick yes or no agrees with the slow check, which names what is wrong."""

from random import Random
from typing import Any

import pytest

from gateway.api.fitting import fitting
from gateway.api.validation import REQUESTS
from tests.api.test_validation import ALLOWED, REFUSED
from tests.api.wellformed import wellformed

MESSAGES_EACH = 200


@pytest.mark.parametrize("message", ALLOWED)
def test_what_the_contract_allows_fits(message: Any) -> None:
    assert fitting(message.DESCRIPTOR)(message)


@pytest.mark.parametrize(("message", "_paths"), REFUSED)
def test_what_breaks_a_rule_does_not_fit(message: Any, _paths: list[str]) -> None:
    assert not fitting(message.DESCRIPTOR)(message)


@pytest.mark.parametrize("kind", REQUESTS)
def test_every_wellformed_request_fits_so_that_the_slow_check_is_seldom_needed(kind: Any) -> None:
    fits, rng = fitting(kind.DESCRIPTOR), Random(7)
    assert all(fits(wellformed(kind, rng)) for _ in range(MESSAGES_EACH))
