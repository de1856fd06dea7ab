"""Limits on calls, tokens, money and calls at once: pure decisions, and the port of the stores."""
