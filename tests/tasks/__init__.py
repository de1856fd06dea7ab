"""Tests of what differs between the calls."""
