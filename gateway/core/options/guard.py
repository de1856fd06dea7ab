"""What can be tuned of the checks of a model's answers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardOptions:
    """Checks of what a model writes to a customer; explained in docs/chat.md."""

    figures: bool = True
    """Figures, dates, amounts and codes must occur in the knowledge, the tools' results or the
    talk; else the model is asked once more, then a person takes over. Default true."""
    links: bool = True
    """Links and e-mail addresses must occur in the knowledge, be the whole value of a tool's field
    or be of `allowed_domains`. Default true."""
    allowed_domains: tuple[str, ...] = ()
    """Domains that may be linked and written to, with everything below them: shop.example."""
