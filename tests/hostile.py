"""Texts that make a careless pattern try every length at every place, and what they cost."""

import time
from collections.abc import Callable

_WORDS = """
1. a. 1, 1' 1- 1/ 1: 01 1.1 a- a+ a@ a@a. @ @a www www. x.co x.co. .com a://b http:// - _ # + ' ?
; . , : [ ( [a [a, [.] [dot] (dot) { <a 1月 月 三十 一 亿 百分之 百分之一 第 年1月 ， 。 ！ é É ٣ ٣.
٣, １ 1k usd1 1kg kg 12/1/ 24/7 7x two- two january 我的订单 1st A Aa
"""
UNITS = (
    *_WORDS.split(),
    *(" ", "\n", "\t", "\u3000", "\u00a0", "- ", "* ", "a ", "1 ", "1 2,345.67 ", "two "),
    *("a [.] ", "two  days ", "1 january ", "one. two ", "三十 ", "Hi. ", "\n-", "[a] "),
)
SHORT, LONG = 1_024, 4_096
"""Characters. What is quadratic takes 16 times as long for the long text, what is linear 4."""
MOST_TIMES = 9
LEAST_S = 0.01
"""CPU time below which a figure says nothing; what is linear here takes less than half of it."""


def growing(read: Callable[[str], object], units: tuple[str, ...] = UNITS) -> list[str]:
    """The units of which a text four times as long costs far more than four times the CPU time."""
    read("warm")
    return [unit for unit in units if _grows(read, unit)]


def _grows(read: Callable[[str], object], unit: str) -> bool:
    """Looked at again where it seems so: another process may have taken the caches away."""
    if _cost_s(read, unit, LONG, 0) < LEAST_S:
        return False
    long_s = min(_cost_s(read, unit, LONG, n) for n in range(3))
    short_s = min(_cost_s(read, unit, SHORT, n) for n in range(5))
    return long_s > LEAST_S and long_s > MOST_TIMES * short_s


def _cost_s(read: Callable[[str], object], unit: str, characters: int, nth: int) -> float:
    text = (unit * characters)[: characters - nth]  # no two the same: nothing is remembered
    began_s = time.thread_time()
    read(text)
    return time.thread_time() - began_s
