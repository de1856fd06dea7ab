"""The text that Prometheus scrapes: counted metrics, and readings of the present state."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from gateway.core.readings import Reading, Readings

CONTENT_TYPE = CONTENT_TYPE_LATEST


@dataclass(slots=True)
class Exposition:
    """Writes the text. `texts`: what each reading means; one without is written all the same."""

    registry: CollectorRegistry
    readings: Sequence[Readings]
    texts: Mapping[str, str]

    async def text(self) -> bytes:
        """All metrics. State is read on the loop, where it belongs; the writing is a thread's."""
        taken = [reading for readings in self.readings for reading in readings()]
        return await asyncio.to_thread(self._written, taken)

    def _written(self, taken: Sequence[Reading]) -> bytes:
        state = _State(list(_families(taken, self.texts)))
        return generate_latest(self.registry) + generate_latest(state)


class _State(CollectorRegistry):
    """Families that were made for this one scrape."""

    def __init__(self, families: Sequence[Metric]) -> None:
        super().__init__()
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families


def _families(taken: Sequence[Reading], texts: Mapping[str, str]) -> Iterator[Metric]:
    by_name: dict[str, list[Reading]] = {}
    for reading in taken:
        by_name.setdefault(reading.name, []).append(reading)
    for name, readings in by_name.items():
        labels = tuple(readings[0].labels)
        kind = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
        family = kind(name, texts.get(name, name), labels=labels)
        for reading in readings:
            family.add_metric([reading.labels[label] for label in labels], reading.value)
        yield family
