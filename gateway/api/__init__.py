"""The edge: requests are checked, converted, handed to the engine; answers go back the same way.

`service` is the layer that every door shares; `grpc_server` is the gRPC door.
"""
