"""Names for grpcio's types, which are generic for the type checker only."""

from typing import Any, TypeAlias  # Any: in the quotes

import grpc  # in the quotes

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
