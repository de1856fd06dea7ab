"""`erp-gateway keywords import-log`: what shoppers typed, from a marketplace's report."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway.cli.arguments import config_path
from gateway.config import ConfigError, load_file
from gateway.config.crosscheck_lexicons import is_folder_name
from gateway.rules.keywords.log import SearchLogError, dump, parse_search_log
from gateway.tasks.lexicons import SEARCH_LOG


def main(arguments: Sequence[str]) -> int:
    """Read a report, write the lexicon's search log. Exit code 1: the report cannot be read."""
    parser = argparse.ArgumentParser(
        prog="erp-gateway keywords",
        description="Import a search-query report (Amazon Search Query Performance, Shopee, or "
        "query,count) into a lexicon; routes use it by `lexicon: NAME`.",
    )
    parser.add_argument("what", choices=["import-log"])
    parser.add_argument("report", type=Path, metavar="REPORT.csv")
    parser.add_argument(
        "--name", required=True, type=_name, help="the lexicon's name, such as the tenant's"
    )
    parser.add_argument("--config", default="", metavar="FILE", help="the configuration")
    asked = parser.parse_args(arguments)
    try:
        log = parse_search_log(asked.report.read_text(encoding="utf-8-sig"))
        folder = load_file(config_path(asked.config), {}).lexicons / asked.name
        folder.mkdir(parents=True, exist_ok=True)
        half = folder / f"{SEARCH_LOG}.new"  # a full disk leaves the old one whole
        half.write_text(dump(log), encoding="utf-8")
        half.replace(folder / SEARCH_LOG)
    except (OSError, UnicodeDecodeError, SearchLogError, ConfigError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(log.terms)} search terms in {folder / SEARCH_LOG}; running gateways use it soon")
    return 0


def _name(text: str) -> str:
    if not is_folder_name(text):
        raise argparse.ArgumentTypeError("must be the name of a folder, not a path")
    return text
