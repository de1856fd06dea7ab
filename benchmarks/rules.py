"""`make bench-rules`: the three rule engines beside public baselines, in one run; docs/rules.md.

Each engine's own benchmark scores it on the shared data with the shared scorers. What a baseline
needs is installed into an environment of its own under .cache, never into the project's.
"""

import os
import subprocess
import sys
import venv
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "bench-rules"
HEAD = """# The rules, measured

Made by `make bench-rules` on {day}: engines and public baselines side by side in one run, on data \
that is not part of this repository. Methods, assumptions and what was tuned on what: \
[keywords](rules-keywords.md), [anomalies](rules-anomaly.md), [chat](rules-chat.md).
"""
PARTS = (
    ("Keywords", "from benchmarks.rules_keywords import run; print(run())"),
    (
        "Anomalies",
        "from pathlib import Path; from benchmarks.rules_anomaly import report; "
        "print(report(Path('docs/img')))",
    ),
    ("Chat", "from benchmarks.rules_chat import report; print(report())"),
)


def environment() -> Path:
    """A Python with the project's dependencies and those of the baselines."""
    python = CACHE / "bin" / "python"
    if not python.exists():
        venv.create(CACHE, with_pip=False)
        wanted = ["-r", "requirements/runtime.lock", "-r", "benchmarks/anomaly.requirements.txt"]
        uv = [str(ROOT / ".venv" / "bin" / "uv"), "pip", "install", "-q", "--python", str(python)]
        subprocess.run([*uv, *wanted, "rapidfuzz==3.14.6", "snowballstemmer"], check=True, cwd=ROOT)
    return python


def main() -> int:
    """Run every part; exit code 1 when one fails."""
    python = environment()
    page = HEAD.format(day=datetime.now(UTC).date())
    for title, program in PARTS:
        print(f"... {title}", file=sys.stderr, flush=True)
        env = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [str(python), "-c", program],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            return 1
        page += f"\n## {title}\n\n{done.stdout.strip()}\n"
    (ROOT / "docs" / "rules.md").write_text(page, encoding="utf-8")
    print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
