"""gateway.core.abilities: what tasks can do beyond the port."""

from gateway.core.abilities import checks_answers, pins, remembers, uses_tools
from gateway.tasks.anomaly import AnomalyTask
from gateway.tasks.chat import ChatTask


def test_chat_can_do_everything() -> None:
    task = object.__new__(ChatTask)
    assert all(able(task) for able in (pins, remembers, uses_tools, checks_answers))


def test_a_task_without_talks_has_none_of_it() -> None:
    assert not any(able(AnomalyTask()) for able in (pins, remembers, uses_tools, checks_answers))


def test_what_is_no_task_can_do_nothing() -> None:
    assert not uses_tools(object())
