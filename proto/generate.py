"""Generate the Python stubs of every .proto under proto/ into the packages gateway.v1 and so on.

Run by `make gen` and by the wheels' build hooks. The output is never edited and never committed:
one copy exists, because two copies of one proto under different file names crash a process.

    python proto/generate.py [--proto FOLDER] [--out FOLDER] [PACKAGE ...]    such as gateway/v1
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PROTO = ROOT / "proto"
PACKAGES = "gateway/**"


def generate(proto: Path = PROTO, out: Path = ROOT, packages: Sequence[str] = (PACKAGES,)) -> None:
    """Write *_pb2.py, *_pb2_grpc.py and their .pyi beside one another. Raises SystemExit."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # plugins
    found = {path for package in packages for path in proto.glob(f"{package}/*.proto")}
    sources = sorted(path.relative_to(proto).as_posix() for path in found)
    well_known = str(resources.files("grpc_tools") / "_proto")
    outputs = [f"--{kind}_out={out}" for kind in ("python", "grpc_python", "mypy", "mypy_grpc")]
    status = protoc.main(["protoc", f"-I{proto}", f"-I{well_known}", *outputs, *sources])
    if status:
        raise SystemExit(status)
    for folder in {(out / source).parent for source in sources}:
        package = folder.relative_to(out).as_posix()
        (folder / "__init__.py").write_text(f'"""Generated from proto/{package}: do not edit."""\n')


def main() -> None:
    """Read the arguments and generate."""
    arguments = argparse.ArgumentParser(prog="proto/generate.py")
    arguments.add_argument("--proto", type=Path, default=PROTO)
    arguments.add_argument("--out", type=Path, default=ROOT)
    arguments.add_argument("packages", nargs="*", default=[PACKAGES])
    asked = arguments.parse_args()
    generate(asked.proto, asked.out, asked.packages)


if __name__ == "__main__":
    main()
