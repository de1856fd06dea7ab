"""Loads the rules' tables in a fresh process, so that its first call does not wait for them."""

import gateway.rules.anomaly  # noqa: F401 # importing is what loads it
from gateway.rules import keywords


def warm() -> None:
    """Import the engines and load their tables; safe to call again."""
    keywords.warm()
