"""What holds for every text: bounded, deterministic, the same in every dress of its characters."""

import string
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.rules.chat import ChatModel, MessageContext, find_ids, normalise, reply, route
from gateway.rules.chat.carriers import CARRIERS
from gateway.rules.chat.text import MAX_CHARS

ANYONE = MessageContext()
SHARED_MODEL = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
MESSAGES = st.sampled_from(
    [
        "where is my order 113-4567890-1234567?",
        "track LX123456785CN",
        "I want to speak to a human",
        "do you have SKU AB-1023-BLK-XL in stock",
        "how do I return an item",
        "订单SO20251104001到哪了",
        "转人工",
        "hello there",
        "has my refund been processed yet",
    ]
)


@SHARED_MODEL
@given(text=st.text(max_size=400))
def test_any_text_gets_a_decision_and_a_reply(text: str, model: ChatModel) -> None:
    decision = route(text, ANYONE, model)
    assert 0 <= decision.confidence <= 1
    assert reply(decision, model.knowledge).text


@SHARED_MODEL
@given(text=st.text(alphabet=string.printable + "订单退款物流é-#", max_size=200))
def test_the_same_text_gets_the_same_decision(text: str, model: ChatModel) -> None:
    assert route(text, ANYONE, model) == route(text, ANYONE, model)


def _full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@SHARED_MODEL
@given(text=MESSAGES, dress=st.sampled_from([_full_width, str.upper]))
def test_width_and_case_do_not_change_the_route(
    text: str, dress: Callable[[str], str], model: ChatModel
) -> None:
    plain, dressed = route(text, ANYONE, model), route(dress(text), ANYONE, model)
    assert (dressed.kind, dressed.intent, dressed.slots) == (plain.kind, plain.intent, plain.slots)


@SHARED_MODEL
@given(
    text=MESSAGES,
    form=st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]),
    pad=st.sampled_from(["", "  ", "\n\t", "\u200b"]),
)
def test_unicode_forms_and_padding_do_not_change_the_route(
    text: str, form: str, pad: str, model: ChatModel
) -> None:
    dressed = pad + unicodedata.normalize(form, text) + pad  # type: ignore[arg-type]
    assert route(dressed, ANYONE, model) == route(text, ANYONE, model)


@pytest.mark.parametrize(
    "unit", ["a", "1", "-", "订", "order ", "1Z", "A1-", "i want to speak ", "谢谢", "\u0000", "ﷺ"]
)
def test_ten_megabytes_cost_no_more_than_their_head(unit: str, model: ChatModel) -> None:
    text = unit * (10_000_000 // len(unit))
    assert len(normalise(text)) <= MAX_CHARS
    assert route(text, ANYONE, model) == route(text[: 2 * MAX_CHARS], ANYONE, model)


CHECKED = [c for c in CARRIERS if c.name in ("UPS", "S10 post", "USPS", "DHL Paket")]
SAMPLES = ["1Z999AA10123456784", "LX123456785CN", "9400111202555842332669", "00340434161094042557"]


@given(sample=st.sampled_from(SAMPLES), place=st.integers(2, 17), digit=st.integers(1, 9))
def test_one_wrong_digit_is_never_a_tracking_number(sample: str, place: int, digit: int) -> None:
    place = min(place, len(sample) - 1)
    if not sample[place].isdigit():
        return
    wrong = sample[:place] + str((int(sample[place]) + digit) % 10) + sample[place + 1 :]
    valid = any(c.shape.fullmatch(wrong) and c.check(wrong) for c in CHECKED)
    assert find_ids(f"track {wrong}").first("tracking_no") == (wrong if valid else "")


@given(
    digits=st.text("0123456789", min_size=9, max_size=9),
    letters=st.text("ABCDEFGHJKLMNPRSTUVWXZ", min_size=4, max_size=4),
)
def test_a_postal_number_is_found_exactly_when_its_check_digit_fits(
    digits: str, letters: str
) -> None:
    code = letters[:2] + digits + letters[2:]
    weighted = sum(int(d) * w for d, w in zip(digits[:8], (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    check = (11 - weighted % 11) % 11
    fits = (5 if weighted % 11 == 0 else 0 if check == 10 else check) == int(digits[8])
    assert bool(find_ids(code).first("tracking_no") == code) == fits
