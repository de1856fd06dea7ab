"""Generate the Python stubs of every .proto under proto/ into the packages gateway.v1 and so on.

Run by `make gen` and by the wheel's build hook. The output is never edited and never committed:
one copy exists, because two copies of one proto under different file names crash a process.
"""

import os
import sys
from importlib import resources
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PROTO = ROOT / "proto"


def generate() -> None:
    """Write *_pb2.py, *_pb2_grpc.py and their .pyi beside one another. Raises SystemExit."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # plugins
    sources = sorted(p.relative_to(PROTO).as_posix() for p in PROTO.glob("gateway/**/*.proto"))
    well_known = str(resources.files("grpc_tools") / "_proto")
    outputs = [f"--{kind}_out={ROOT}" for kind in ("python", "grpc_python", "mypy", "mypy_grpc")]
    status = protoc.main(["protoc", f"-I{PROTO}", f"-I{well_known}", *outputs, *sources])
    if status:
        raise SystemExit(status)
    for folder in {(ROOT / source).parent for source in sources}:
        package = folder.relative_to(ROOT).as_posix()
        (folder / "__init__.py").write_text(f'"""Generated from proto/{package}: do not edit."""\n')


if __name__ == "__main__":
    sys.exit(generate())
