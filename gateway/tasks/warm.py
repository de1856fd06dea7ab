"""Loads the rules' tables in a fresh process, so that its first call does not wait for them."""

from gateway.rules import anomaly, keywords


def warm() -> None:
    """Import the engines and load their tables; safe to call again."""
    keywords.warm()
    anomaly.warm()
