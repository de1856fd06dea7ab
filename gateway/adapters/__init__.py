"""The only rooms that import a vendor; each implements a port of gateway.core.ports."""
