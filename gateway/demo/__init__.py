"""`erp-gateway demo`: three real questions to a running gateway, answers for people to read."""

from gateway.demo.run import run

__all__ = ["run"]
