"""Random requests that keep every documented rule, drawn towards the edges of what is allowed."""

from random import Random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from gateway.api.bounds import RULES, Entries, Items, Kind, Number, Rule, Text
from gateway.api.points import END_S, FIRST_S
from gateway.api.validation import check
from gateway.core.errors import InvalidRequest

WORDS = (
    *(
        "order 10001 where is my refund",
        "不锈钢保温杯 500ml",
        "ステンレス 水筒",
        "água größe naïve",
    ),
    *("<b>bold</b> &amp; <script>", "\u202ertl\u202c", "🐶🛏️", "😀" * 50, "a" * 300, "\n\n\t "),
    *("\x00\x01\x7f\ufeff", "\ud7ff\ue000\ufffd", "١٢٣ 𝟙𝟚 Ⅷ ½"),
    *("%s {0} {x} $(id)", "' OR 1=1 --", '{"json": [1,'),
)
FLOATS = (0.0, -0.0, 1.0, 0.5, -1.0, 1e-308, 5e-324, 1.7e308, -1.7e308, 1e15, 123.456, 3.0, 2.0)
ZONES = ("", "UTC", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Pacific/Apia")
TAGS = ("", "en", "zh-CN", "de", "ja-JP", "tlh", "x-private", "sr-Latn-RS")


def wellformed(kind: Any, rng: Random) -> Any:
    """A request of `kind` that passes the checks."""
    while True:
        message = kind()
        _fill(message, rng, rng.random())
        try:
            check(message)
        except InvalidRequest:
            continue
        return message


def _fill(message: Any, rng: Random, share: float) -> None:
    """Set each field with the chance `share`, and those that must be set always."""
    rules = RULES.get(message.DESCRIPTOR.name, {})
    for field in message.DESCRIPTOR.fields:
        rule = rules.get(field.name)
        needed = rule is not None and getattr(rule, "least", 1) > 0
        if needed or rng.random() < share:
            _set(message, field, rule, rng)
    if message.DESCRIPTOR.name == "ChatRequest":
        for each in message.messages:
            each.role = rng.choice((1, 2))
        if message.messages:
            message.messages[-1].role = 1


def _set(message: Any, field: Any, rule: Rule | None, rng: Random) -> None:
    match rule:
        case Entries(key=key, value=value):
            for _ in range(rng.randint(0, 5)):
                getattr(message, field.name)[_text(key, rng)] = _text(value, rng)
        case Items() if field.message_type and field.message_type.name == "Point":
            _points(getattr(message, field.name), rng)
        case Items(each=Text() as each):
            texts = [_text(each, rng) for _ in range(rng.randint(0, 6))]
            getattr(message, field.name).extend(texts)
        case Items():
            for _ in range(rng.randint(rule.least, 4)):
                _fill(getattr(message, field.name).add(), rng, 0.7)
        case Text():
            setattr(message, field.name, _text(rule, rng))
        case _:
            _set_one(message, field, rule, rng)


def _set_one(message: Any, field: Any, rule: Rule | None, rng: Random) -> None:
    match field.type:
        case FieldDescriptor.TYPE_MESSAGE if field.message_type.name == "Timestamp":
            getattr(message, field.name).seconds = rng.randrange(FIRST_S, END_S)
        case FieldDescriptor.TYPE_MESSAGE:
            getattr(message, field.name).SetInParent()
            _fill(getattr(message, field.name), rng, rng.random())
        case FieldDescriptor.TYPE_ENUM:
            setattr(message, field.name, rng.choice(list(field.enum_type.values_by_number)))
        case FieldDescriptor.TYPE_DOUBLE:
            fits = [f for f in FLOATS if not isinstance(rule, Number) or rule.holds(f)]
            setattr(message, field.name, rng.choice(fits))
        case FieldDescriptor.TYPE_INT32 if isinstance(rule, Number):
            setattr(message, field.name, rng.randint(int(rule.low), min(int(rule.high), 10**9)))
        case _:
            setattr(message, field.name, rng.random() < 0.5)


def _text(rule: Text, rng: Random) -> str:
    if rule.kind is Kind.LANGUAGE:
        return rng.choice(TAGS)
    if rule.kind is Kind.ZONE:
        return rng.choice(ZONES)
    words = rng.choice((" ", "", "\n")).join(rng.choices(WORDS, k=rng.choice((1, 1, 2, 8, 40))))
    if rule.kind is Kind.NAME:
        words = "".join(c for c in words if c.isprintable())
    return words[: rule.most] or "x" * rule.least


def _points(points: Any, rng: Random) -> None:
    """From one point to two years of days, in order or not, with gaps, repeats and extremes."""
    step = rng.choice((1, 3_600, 86_400, 604_800, 100_003))
    count = min(rng.choice((1, 2, 3, 13, 60, 400, 800)), (END_S - FIRST_S) // step)
    start = rng.randrange(FIRST_S, END_S - count * step) // step * step
    level = rng.choice((0.0, 5.0, 1_000.0, -3.0, 1e12))
    times = [start + step * i for i in range(count) if rng.random() < 0.95 or i == 0]
    if rng.random() < 0.3:
        rng.shuffle(times)
    for time_s in times:
        point = points.add()
        point.time.seconds = max(FIRST_S, time_s)
        point.value = level + rng.gauss(0, 1 + abs(level) / 10)
        if rng.random() < 0.05:
            point.value = rng.choice(FLOATS)
        point.missing = rng.random() < 0.03
