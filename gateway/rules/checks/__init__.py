"""Checks of an answer that a model wrote: its figures, its links. Pure, deterministic, no I/O.

>>> known = figures_in("Returns within 30 days; order of 2026-12-01, 1,299.00 EUR")
>>> unknown_figures("You have 30 days; it was 1299 EUR on December 1.", [known])
()
>>> unknown_figures("You have 60 days.", [known])
('60',)
"""

from gateway.rules.checks.figures import (
    NO_FIGURES,
    Figures,
    figures_in,
    holds_no_figures,
    unknown_figures,
)
from gateway.rules.checks.links import (
    NO_LINKS,
    Links,
    foreign_links,
    holds_no_links,
    links_in,
    whole_links,
)

__all__ = [
    "NO_FIGURES",
    "NO_LINKS",
    "Figures",
    "Links",
    "figures_in",
    "foreign_links",
    "holds_no_figures",
    "holds_no_links",
    "links_in",
    "unknown_figures",
    "whole_links",
]
