"""What the gateway decides: nouns, ports, errors, policies and the walk of a request.

No gRPC, no Redis, no LiteLLM and no clock of its own in here.
"""
