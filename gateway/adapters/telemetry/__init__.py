"""Telling ops what happened: logs, and later metrics and traces."""
