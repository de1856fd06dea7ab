"""Prefixes at a separator: "zh" of zh-CN, "1.2" of 1.2.7. Pure."""


def locale_in(locale: str, prefixes: tuple[str, ...]) -> bool:
    """BCP-47 range matching, upper and lower case alike; Java's zh_CN counts as zh-CN."""
    parts = _subtags(locale)
    return any(_starts_with(parts, _subtags(prefix)) for prefix in prefixes)


def version_in(version: str, prefixes: tuple[str, ...]) -> bool:
    """Whether a version is one of these or below one of them."""
    parts = version.split(".")
    return any(_starts_with(parts, prefix.split(".")) for prefix in prefixes)


def _subtags(locale: str) -> list[str]:
    return locale.replace("_", "-").lower().split("-")


def _starts_with(parts: list[str], prefix: list[str]) -> bool:
    return parts[: len(prefix)] == prefix
