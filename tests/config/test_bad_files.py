"""Bad files are a table: `bad/<what>.bad.yaml`, and beside it in `<what>.txt` the exact text."""

from pathlib import Path

import pytest

from gateway.config import ConfigError, load_text

BAD = Path(__file__).parent / "bad"
CASES = sorted(path.name.removesuffix(".bad.yaml") for path in BAD.glob("*.bad.yaml"))


def faults_of(case: str) -> str:
    name = f"{case}.bad.yaml"
    with pytest.raises(ConfigError) as caught:
        load_text((BAD / name).read_text(encoding="utf-8"), name, {})
    return str(caught.value)


@pytest.mark.parametrize("case", CASES)
def test_a_bad_file_is_refused_with_exactly_this_text(case: str) -> None:
    assert faults_of(case) == (BAD / f"{case}.txt").read_text(encoding="utf-8").rstrip("\n")


@pytest.mark.parametrize("case", CASES)
def test_every_fault_has_a_place_inside_the_file(case: str) -> None:
    name = f"{case}.bad.yaml"
    lines = (BAD / name).read_text(encoding="utf-8").split("\n")
    with pytest.raises(ConfigError) as caught:
        load_text("\n".join(lines), name, {})
    for problem in caught.value.problems:
        assert 1 <= problem.spot.line <= len(lines)
        assert 1 <= problem.spot.column <= len(lines[problem.spot.line - 1]) + 1


def test_the_table_has_a_text_for_every_file_and_a_file_for_every_text() -> None:
    assert sorted(path.stem for path in BAD.glob("*.txt")) == CASES


def test_no_text_shows_a_secret_of_its_file() -> None:
    told = faults_of("secrets-in-the-file")
    assert "abcdef" not in told
    assert "password" not in told
