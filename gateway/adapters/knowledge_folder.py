"""Reads the files of knowledge bases from disk: `<folder>/<name>/*.yaml|yml|csv|md`."""

from pathlib import Path

MAX_FILE_BYTES = 4 * 1024 * 1024
"""Larger files are refused by name; a knowledge base of 8 MB would be a mistake."""

TEST_FILES = ("tests.yaml", "tests.yml", "tests.csv")
"""Regression questions beside the knowledge, for `erp-gateway kb test`; no knowledge themselves."""

SUFFIXES = frozenset({".yaml", ".yml", ".csv", ".md"})


class KnowledgeUnreadableError(Exception):
    """A knowledge file cannot be read; the message names it and the remedy."""


def read_knowledge(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """The texts of every knowledge base by its name, as (file name, text), sorted.

    A folder that does not exist holds no knowledge. Raises KnowledgeUnreadableError.
    """
    if not folder.is_dir():
        return {}
    return {
        base.name: [(file.name, _text(file)) for file in sorted(base.iterdir()) if _is_ours(file)]
        for base in sorted(folder.iterdir())
        if base.is_dir() and not base.name.startswith(".")
    }


def read_tests(folder: Path, name: str) -> list[tuple[str, str]]:
    """The regression questions of one knowledge base, as (file name, text).

    Raises KnowledgeUnreadableError.
    """
    files = (folder / name / test for test in TEST_FILES)
    return [(file.name, _text(file)) for file in files if file.is_file()]


def _is_ours(file: Path) -> bool:
    suits = file.suffix.lower() in SUFFIXES and not file.name.startswith(".")
    return suits and file.name not in TEST_FILES


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise KnowledgeUnreadableError(f"{file} is over {MAX_FILE_BYTES} bytes; split it")
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise KnowledgeUnreadableError(
            f"{file} is not UTF-8 (byte {error.start}); save it so"
        ) from error
    except OSError as error:
        raise KnowledgeUnreadableError(f"{file} cannot be read: {error.strerror}") from error
