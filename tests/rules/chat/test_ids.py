import pytest

from gateway.rules.chat import IdFormat, find_ids

VALID = [
    ("1Z999AA10123456784", "1Z999AA10123456784"),
    ("1z 999 aa1 01 2345 6784", "1Z999AA10123456784"),
    ("LX123456785CN", "LX123456785CN"),
    ("RB 123 456 785 GB", "RB123456785GB"),
    ("9400 1112 0255 5842 3326 69", "9400111202555842332669"),
    ("00340434161094042557", "00340434161094042557"),
    ("fedex 986578788855", "986578788855"),
    ("SF1234567890123", "SF1234567890123"),
    ("YT2429221272001234", "YT2429221272001234"),
    ("4PX3000123456789CN", "4PX3000123456789CN"),
    ("TBA123456789012", "TBA123456789012"),
    ("LP00123456789012", "LP00123456789012"),
    ("JD0123456789012", "JD0123456789012"),
]


@pytest.mark.parametrize(("text", "number"), VALID)
def test_a_tracking_number_is_found_and_cleaned(text: str, number: str) -> None:
    assert find_ids(f"where is {text} ?").first("tracking_no") == number
    assert find_ids(f"请问{text}到哪了").first("tracking_no") == number


@pytest.mark.parametrize(
    "number", ["1Z999AA10123456785", "LX123456784CN", "9400111202555842332668"]
)
def test_a_wrong_check_digit_is_told_and_gives_no_id(number: str) -> None:
    found = find_ids(f"track {number} please")
    assert found.ids == ()
    assert found.mistyped == (number,)


def test_digits_alone_are_a_tracking_number_only_next_to_a_word_that_says_so() -> None:
    assert not find_ids("986578788855").first("tracking_no")
    assert find_ids("FedEx 986578788855").first("tracking_no") == "986578788855"
    assert not find_ids("FedEx 986578788857").first("tracking_no")


ORDERS = [
    ("113-4567890-1234567", "113-4567890-1234567"),
    ("113–4567890–1234567", "113-4567890-1234567"),
    ("#1001", "#1001"),
    ("12-34567-89012", "12-34567-89012"),
    ("PO-211-04567890123456789", "PO-211-04567890123456789"),
    ("240917ABCD12EF", "240917ABCD12EF"),
    ("8123456789012345", "8123456789012345"),
    ("576543210987654321", "576543210987654321"),
    ("SO20251104001", "SO20251104001"),
    ("order no. 45120", "45120"),
    ("Bestellnummer: 4711-22", "4711-22"),
    ("订单号 3021456", "3021456"),
    ("注文番号は A-20451 です", "A-20451"),
]


@pytest.mark.parametrize(("text", "number"), ORDERS)
def test_an_order_number_is_found(text: str, number: str) -> None:
    from gateway.rules.chat import normalise  # noqa: PLC0415 - dashes are made plain before

    assert find_ids(normalise(text)).first("order_id") == number


@pytest.mark.parametrize(
    "text",
    [
        "AB-1023-BLK-XL",
        "TSH-0077-WHT-M",
        "B08N5WRWNW",
        "order B08N5WRWNW",
        "sku hx2093",
        "货号 A8812",
    ],
)
def test_a_sku_is_found(text: str) -> None:
    assert find_ids(text).first("sku") == text.rsplit(maxsplit=1)[-1].upper()


@pytest.mark.parametrize(
    "text",
    [
        "I paid with 4111 1111 1111 1111",
        "4111111111111111",
        "call 555-123-4567",
        "can I order 1000 pieces",
        "I want to order 5000 units",
        "commande 1500 euros",
        "Bestellung 2000 Stück",
        "my order 2024-05-01 has not arrived",
        "my order is 4999.00 USD",
        "order 1299€",
        "born 1990-05-12",
        "COVID-19",
        "a USB-C cable",
        "size 10-12",
        "it costs 1999.99",
        "13800138000",
        "in 2026",
        "a@example.com",
    ],
)
def test_what_only_looks_like_an_id_is_left_alone(text: str) -> None:
    assert find_ids(text).ids == ()


def test_the_first_of_several_orders_after_a_comma_is_no_amount() -> None:
    assert find_ids("orders? order 4512,4513 are late").first("order_id") == "4512"


def test_each_place_gives_one_id_and_the_rest_is_the_text_without_them() -> None:
    found = find_ids("compare SO20251104001 and LX123456785CN with AB-1023-BLK-XL ok")
    assert [f.slot for f in found.ids] == ["order_id", "tracking_no", "sku"]
    assert found.rest == "compare and with ok"


def test_a_pasted_list_gives_at_most_twenty_ids() -> None:
    assert len(find_ids(" ".join(f"SO2025110{n:04d}" for n in range(50))).ids) == 20


@pytest.mark.parametrize(
    ("slot", "pattern", "message"),
    [
        ("order", r"\d+", "slot 'order' is none of"),
        ("sku", r"[", "is no regular expression"),
        ("sku", r"\d*", "matches the empty text"),
    ],
)
def test_a_bad_format_is_refused_by_name(slot: str, pattern: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        IdFormat(slot, pattern)
