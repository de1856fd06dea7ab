"""How many tokens a text has, estimated without any vendor's tokenizer. Pure."""

ASCII_CHARACTERS_PER_TOKEN = 4
"""Of English text, by the vendors' own rule of thumb."""


def tokens_in(text: str) -> int:
    """An estimate on the safe side: every other script's character counts as a whole token.

    Chinese has 0.5 to 0.8 tokens a character with the models' tokenizers of 2025.
    """
    ascii_count = len(text.encode("ascii", "ignore"))
    return len(text) - ascii_count + -(-ascii_count // ASCII_CHARACTERS_PER_TOKEN)
