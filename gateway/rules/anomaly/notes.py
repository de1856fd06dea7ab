"""What about the data limits the answer."""

from collections.abc import Iterator

import numpy as np

from gateway.rules.anomaly import calendars
from gateway.rules.anomaly.grid import Floats, Grid
from gateway.rules.anomaly.model import DetectRequest, Event, NoteCode, QualityNote
from gateway.rules.anomaly.track import Track
from gateway.rules.anomaly.tuning import COLD_STEPS, TUNINGS

SPARSE_SHARE = 0.6
"""Share of zeros from which a single low value says nothing."""
RECENT_CLOSED = 28


def about(
    request: DetectRequest, grid: Grid, events: dict[int, Event], track: Track
) -> tuple[QualityNote, ...]:
    """All notes, the gravest first."""
    return (
        *_amount(grid, track),
        *grid.notes,
        *_values(grid),
        *_closed(grid, track),
        *_rebased(grid, track),
        *_events(grid, events),
        *_calendars(request),
    )


def _amount(grid: Grid, track: Track) -> Iterator[QualityNote]:
    learnt = int(np.sum(~np.isnan(grid.values)))
    if not learnt:
        yield QualityNote(NoteCode.NO_DATA)
        return
    warm_up = TUNINGS[grid.index.interval].warm_up
    if learnt <= COLD_STEPS:
        yield QualityNote(NoteCode.TOO_SHORT, learnt)
    elif learnt <= warm_up:
        yield QualityNote(NoteCode.COLD_START, int(np.sum(track.walked.learnt[:-1])))


def _values(grid: Grid) -> Iterator[QualityNote]:
    gaps = int(np.sum(np.isnan(grid.values)))
    if gaps:
        yield QualityNote(NoteCode.GAPS, gaps)
    values: Floats = grid.values[~np.isnan(grid.values)]
    if not len(values):
        return
    negative = int(np.sum(values < 0))
    if negative:
        yield QualityNote(NoteCode.NEGATIVE, negative)
    if not values.any():
        yield QualityNote(NoteCode.ALL_ZERO)
    elif len(values) > 1 and np.all(values == values[0]):
        yield QualityNote(NoteCode.CONSTANT)
    elif np.mean(values == 0) > SPARSE_SHARE:
        yield QualityNote(NoteCode.SPARSE)


def _closed(grid: Grid, track: Track) -> Iterator[QualityNote]:
    if grid.period != 7 or not track.walked.closed.any():
        return
    recent = grid.slot[-RECENT_CLOSED:][track.walked.closed[-RECENT_CLOSED:]]
    days = [d for d in range(7) if np.sum(recent == d) >= 2]
    if days and len(days) < 7:
        yield QualityNote(NoteCode.CLOSED_DAYS, len(days), subject="".join(map(str, days)))


def _rebased(grid: Grid, track: Track) -> Iterator[QualityNote]:
    if grid.size and track.walked.rebased[-1] > 0:
        at = int(track.walked.rebased[-1])
        yield QualityNote(NoteCode.REBASED, time_s=int(grid.times[at]))


def _events(grid: Grid, events: dict[int, Event]) -> Iterator[QualityNote]:
    last = grid.size - 1
    if last in events:
        name = events[last].name
        yield QualityNote(NoteCode.EVENT_DAY, time_s=int(grid.times[last]), subject=name)


def _calendars(request: DetectRequest) -> Iterator[QualityNote]:
    for name in request.calendars:
        if calendars.unknown(name):
            yield QualityNote(NoteCode.UNKNOWN_CALENDAR, subject=name)
