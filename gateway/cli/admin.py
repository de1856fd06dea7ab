"""What the commands for ops share: the port they speak to, and how a refusal is told."""

import argparse
import sys
from collections.abc import Callable

import grpc

from gateway.admin.v1.admin_pb2 import ReloadOutcome, ReloadResult
from gateway.admin.v1.admin_pb2_grpc import AdminServiceStub

TARGET = "127.0.0.1:50052"
"""Where the shipped configuration opens the port."""
TIMEOUT_S = 30.0
"""Enough for training a knowledge base anew."""


def parser(command: str, description: str) -> argparse.ArgumentParser:
    """The parser of a command that asks a running gateway."""
    made = argparse.ArgumentParser(prog=f"erp-gateway {command}", description=description)
    made.add_argument(
        "--target", default=TARGET, metavar="HOST:PORT", help="its admin.listen; %(default)s"
    )
    return made


def ask(target: str, command: Callable[[AdminServiceStub], int]) -> int:
    """Run `command` with the gateway; exit code 1 when it does not answer or refuses."""
    with grpc.insecure_channel(target) as channel:
        try:
            return command(AdminServiceStub(channel))
        except grpc.RpcError as error:
            print(_told(error, target), file=sys.stderr)
            return 1


def _told(error: grpc.RpcError, target: str) -> str:
    if not isinstance(error, grpc.Call):
        return f"{target}: {error}"
    if error.code() is grpc.StatusCode.UNAVAILABLE:
        return f"no gateway answers on {target}; is admin.listen open there? (--target HOST:PORT)"
    return f"{error.code().name}: {error.details()}"


def reload_lines(result: ReloadResult) -> list[str]:
    """How a reload ended, for people."""
    outcome = ReloadOutcome.Name(result.outcome).removeprefix("RELOAD_OUTCOME_").lower()
    return [f"{outcome}, version {result.config_version} is in force", *result.messages]
