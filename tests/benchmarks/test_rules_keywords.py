"""The keyword benchmark without its data."""

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def test_absent_data_are_named_with_the_remedy(tmp_path: Path) -> None:
    done = subprocess.run(  # our own module
        [sys.executable, "-m", "benchmarks.rules_keywords"],
        cwd=REPOSITORY,
        env={**os.environ, "ERP_SHARED_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "data not found" in done.stderr
    assert "ERP_SHARED_DATA" in done.stderr
