"""`erp-gateway health`: whether a gateway answers; for containers and scripts."""

import argparse
import sys
from collections.abc import Sequence

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from gateway.cli.connecting import ConnectingError, add_connecting, channel_to

TIMEOUT_S = 2.0


def main(arguments: Sequence[str]) -> int:
    """Exit code 0 when the gateway is SERVING, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="erp-gateway health", description="Ask for health.")
    parser.add_argument("--target", default="127.0.0.1:50051", metavar="HOST:PORT")
    add_connecting(parser)
    asked = parser.parse_args(arguments)
    target = asked.target
    try:
        opened = channel_to(target, asked)
    except ConnectingError as error:
        print(error, file=sys.stderr)
        return 1
    with opened as channel:
        try:
            request = health_pb2.HealthCheckRequest()
            status = health_pb2_grpc.HealthStub(channel).Check(request, timeout=TIMEOUT_S).status
        except grpc.RpcError as error:
            print(f"{target}: {error.code().name}: {error.details()}", file=sys.stderr)
            return 1
    name = health_pb2.HealthCheckResponse.ServingStatus.Name(status)
    print(name)
    return 0 if name == "SERVING" else 1
