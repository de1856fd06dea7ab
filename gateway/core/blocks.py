"""Delimited blocks: data written by others stands in them, so that nothing in it can leave."""

import re

_WHOLE = re.compile(r"<(\w+)>\n(.*)\n</\1>", re.DOTALL)


def block(name: str, text: str) -> str:
    """The text in a block that nothing inside can close."""
    return f"<{name}>\n{text.replace('<', '‹').replace('>', '›')}\n</{name}>"


def bare(text: str) -> str:
    """The text of a block, for readers that know nothing of blocks; any other text as it is."""
    match = _WHOLE.fullmatch(text)
    return match[2] if match else text
