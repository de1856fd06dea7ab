"""Whether a change takes away so much that it looks like an accident. Pure."""

from gateway.core.options import Plan

MOST_LOST_SHARE = 0.5
"""A change that takes away more than this share is an accident until somebody says otherwise: half
of the models going at once is a planned move, more is a file cut short or a wrong file."""


def why_refused(old: Plan, new: Plan) -> str:
    """What the change would take away, and what to do; empty when it may be taken over.

    Counted are deployments that are on and routes, by name; new ones do not make up for lost ones.
    """
    lost = [
        text
        for text in (
            _lost("deployments that are on", set(old.deployments), set(new.deployments)),
            _lost("routes", {r.name for r in old.routes}, {r.name for r in new.routes}),
        )
        if text
    ]
    if not lost:
        return ""
    return (
        f"this change would take away {' and '.join(lost)}; if that is meant, run"
        " `erp-gateway reload --force`, else mend the file (or `erp-gateway rollback`)"
    )


def _lost(what: str, old: set[str], new: set[str]) -> str:
    lost = sorted(old - new)
    if len(lost) <= MOST_LOST_SHARE * len(old):
        return ""
    return f"{len(lost)} of {len(old)} {what} ({', '.join(lost)})"
