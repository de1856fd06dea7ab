"""Several gateway processes on one port: `erp-gateway serve --workers N`.

Python runs on one core a process, so a machine with more cores runs more processes. They are
started by exec, before anything of gRPC is loaded, and share the ports (SO_REUSEPORT), which
balances connections, not calls.
"""
