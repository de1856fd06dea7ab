r"""Pack the small word lists of `wordfreq` into `frequencies.bin`. Run by hand, never at run time.

    python -m venv .cache/wordfreq && .cache/wordfreq/bin/pip install wordfreq==3.1.1
    .cache/wordfreq/bin/python gateway/rules/keywords/data/build_frequencies.py

A word is kept as the CRC-32 of its UTF-8 bytes: five bytes a word instead of a hundred in a
Python dict. An unknown word is mistaken for a known one 40,000 times in 2**32, about 1 in 100,000.
Layout, little endian: for each language a line `xx count\n`, then count x uint32 (sorted CRCs),
then count x uint8 (Zipf frequency x 25, rounded).
"""

import array
import math
import sys
import zlib
from pathlib import Path

import wordfreq  # type: ignore[import-not-found] # a build-time tool, not a dependency

LANGUAGES = ("en", "zh", "de", "fr", "es", "ja")
ZIPF_STEPS = 25


def packed(words: dict[str, float]) -> bytes:
    """Give the sorted CRCs, then the Zipf bytes; of words with one CRC the frequent one stays."""
    rows: dict[int, int] = {}
    for word, share in words.items():
        crc = zlib.crc32(word.encode())
        zipf = round((math.log10(share) + 9) * ZIPF_STEPS)
        rows[crc] = max(rows.get(crc, 0), min(zipf, 255))
    crcs = array.array("I", sorted(rows))
    zipfs = array.array("B", (rows[crc] for crc in crcs))
    if sys.byteorder == "big":
        crcs.byteswap()
    return crcs.tobytes() + zipfs.tobytes()


def main() -> None:
    """Write frequencies.bin beside this file."""
    with (Path(__file__).parent / "frequencies.bin").open("wb") as out:
        for language in LANGUAGES:
            blob = packed(wordfreq.get_frequency_dict(language, "small"))
            out.write(f"{language} {len(blob) // 5}\n".encode() + blob)


if __name__ == "__main__":
    main()
