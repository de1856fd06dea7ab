"""Text that others wrote, as a model is shown it: in delimited blocks nothing inside can close."""

CUSTOMER = "customer"
"""Name of the block around what a customer wrote."""


def block(name: str, text: str) -> str:
    """The text between `<name>` and `</name>`; its own angle brackets look alike but are none."""
    return f"<{name}>\n{text.replace('<', '‹').replace('>', '›')}\n</{name}>"


def unwrapped(text: str) -> str:
    """What stands in a customer's block, for systems that have instructions of their own."""
    begin, end = f"<{CUSTOMER}>\n", f"\n</{CUSTOMER}>"
    return text.removeprefix(begin).removesuffix(end) if text.startswith(begin) else text
