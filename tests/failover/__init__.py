"""The failover scorecard: what the gateway makes of providers that misbehave.

The first sixteen scenarios are those of an independent bench (Failover Bench, 2026-09-12), with
its rules: one fallback, at most 2 retries, 30 s a call. The others are the project's own.
"""
