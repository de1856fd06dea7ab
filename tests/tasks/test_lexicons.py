"""A tenant's own words are read again when they change, and a bad file keeps what was there."""

from pathlib import Path

import pytest

from gateway.core.options import Route
from gateway.rules.keywords import KeywordRequest, Listing
from gateway.tasks.keywords import KeywordsTask
from gateway.tasks.lexicons import lexicon_of, lexicon_versions

ROUTE = Route(name="k", lexicon="shop")
REQUEST = KeywordRequest(Listing(title="a bottle"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "own_brands.txt").write_text("Acme  # ours\n")
    return tmp_path


def brands(folder: Path) -> tuple[str, ...]:
    return lexicon_of(folder, "shop").own_brands


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(folder: Path) -> None:
    assert brands(folder) == ("Acme",)
    assert lexicon_of(folder, "shop") is lexicon_of(folder, "shop")
    (folder / "shop" / "own_brands.txt").write_text("Acme\nOther\n")
    assert brands(folder) == ("Acme", "Other")


@pytest.mark.parametrize(
    ("file", "bad"), [("own_brands.txt", b"\xff\xfe"), ("search.log", b"half a lo")]
)
def test_a_bad_file_keeps_what_was_there(file: str, bad: bytes, folder: Path) -> None:
    before = lexicon_of(folder, "shop")
    (folder / "shop" / file).write_bytes(bad)
    after = lexicon_of(folder, "shop")
    assert (after.own_brands, after.search_log) == (before.own_brands, before.search_log)


def test_a_deleted_file_is_gone(folder: Path) -> None:
    assert brands(folder) == ("Acme",)
    (folder / "shop" / "own_brands.txt").unlink()
    assert brands(folder) == ()


def test_the_version_follows_the_files_and_a_missing_folder_has_none(folder: Path) -> None:
    first = lexicon_versions(folder)
    assert lexicon_versions(folder) == first
    (folder / "shop" / "product_words.txt").write_text("保温杯\n")
    assert lexicon_versions(folder)["shop"] != first["shop"]
    assert lexicon_versions(folder / "none") == {}


def test_keywords_of_another_lexicon_are_never_served_from_the_cache() -> None:
    texts = [
        KeywordsTask(versions=versions).cache_text(REQUEST, None, ROUTE)
        for versions in ({"shop": "1"}, {"shop": "2"}, {})
    ]
    assert texts[0] != texts[1]
    assert texts[2] is None
    assert KeywordsTask().cache_text(REQUEST, None, Route(name="k")) is not None
