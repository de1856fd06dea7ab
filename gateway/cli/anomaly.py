"""`erp-gateway anomaly plot|detect FILE.csv`: what the engine sees, without a server."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway.rules.anomaly import (
    BadSeriesError,
    CsvError,
    CsvOptions,
    Measure,
    Sensitivity,
    detect_csv,
    plot_csv,
)


def main(arguments: Sequence[str]) -> int:
    """Print the anomalies of a file, or write its chart. Exit code 1: it cannot be read."""
    asked = _parser().parse_args(arguments)
    options = CsvOptions(
        series_id=asked.file.stem,
        time_zone=asked.time_zone,
        measure=Measure(asked.measure.upper()),
        unit=asked.unit,
        sensitivity=Sensitivity(asked.sensitivity.upper()),
        locale=asked.locale,
    )
    try:
        text = asked.file.read_text(encoding="utf-8-sig")
        if asked.what == "detect":
            sys.stdout.write(detect_csv(text, options, asked.form))
            return 0
        page = asked.output or asked.file.with_suffix(".html")
        page.write_text(plot_csv(text, options), encoding="utf-8")
    except (OSError, UnicodeDecodeError, CsvError, BadSeriesError) as error:
        print(f"{asked.file}: {error}", file=sys.stderr)
        return 1
    print(f"written to {page}; open it in a browser")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="erp-gateway anomaly",
        description="Judge a CSV file of date,value: print what is unusual, or draw it.",
    )
    parser.add_argument("what", choices=["plot", "detect"])
    parser.add_argument("file", type=Path, metavar="FILE.csv")
    parser.add_argument("--form", choices=["csv", "json"], default="csv", help="of detect")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE.html", help="of plot")
    parser.add_argument("--measure", choices=["count", "amount", "ratio"], default="count")
    parser.add_argument("--unit", default="", help="such as USD or pcs")
    parser.add_argument("--sensitivity", choices=["low", "medium", "high"], default="medium")
    parser.add_argument("--time-zone", default="UTC", metavar="NAME", help="such as Asia/Shanghai")
    parser.add_argument("--locale", default="en", help="language of the texts: zh, en, de, ...")
    return parser
