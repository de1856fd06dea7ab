"""Texts for customers who write English."""

from gateway.rules.chat.templates.texts import SHOWN_FIELDS, Texts

_LINES = {
    "status": "Status: {value}.",
    "paid_at": "Paid: {value}.",
    "shipped_at": "Shipped: {value}.",
    "carrier": "Carrier: {value}.",
    "tracking_no": "Tracking number: {value}.",
    "eta": "Expected delivery: {value}.",
    "delivered_at": "Delivered: {value}.",
    "last_event": "Latest event: {value}.",
    "last_event_at": "Time: {value}.",
    "location": "Place: {value}.",
    "quantity": "Available: {value}.",
    "warehouse": "Warehouse: {value}.",
    "restock_at": "Next delivery to the warehouse: {value}.",
    "amount": "Amount: {value}.",
    "method": "Paid back to: {value}.",
    "refunded_at": "Refunded: {value}.",
    "expected_at": "Expected by: {value}.",
    "return_status": "Return: {value}.",
    "items": "Items: {value}.",
}

TEXTS = Texts(
    small_talk={
        "greet": (
            "Hello! How can I help you today? You can ask about an order, a "
            "delivery, a return or a product."
        ),
        "thanks": "You're welcome! If anything else comes up, just write to us.",
        "bye": "Goodbye, and thank you for your visit!",
    },
    clarify={
        "order_id": (
            "I'll gladly look that up. Please send me your order number (it is "
            "in your confirmation e-mail and under My Orders)."
        ),
        "tracking_no": (
            "I can't read that tracking number: a character seems to be wrong. "
            "Please check it and send it again, or send me the order number."
        ),
        "sku": (
            "Which item do you mean? Please send me its SKU or item number (it "
            "is on the product page) and the colour or size."
        ),
    },
    handoff={
        "with_person": "A colleague has this conversation and will answer you here.",
        "unverified_answer": "I can't answer that reliably, so I've passed it on to a colleague, who will check it and answer you here.",
        "no_tool": "I can't look that up here, so I've noted it for a colleague, who will check it and answer you here.",
        "asked_for_person": (
            "I'll pass you on to a colleague. A person will answer you here as soon as possible."
        ),
        "complaint": (
            "I'm sorry about the trouble. I'll pass this on to a colleague who "
            "will take care of it personally."
        ),
        "legal": (
            "I take this seriously and will pass it on to the person in charge "
            "right away. They will get back to you here."
        ),
        "no_answer": "I can't answer that reliably, so I'll pass you on to a colleague.",
        "entry": "A colleague will take care of this and get back to you here.",
    },
    suggest=(
        "I'm not quite sure what you mean. Is it one of "
        "these?\n{questions}\nReply with the number, put it in other words, or "
        "ask for a person."
    ),
    out_of_scope=(
        "I can't help with that, I'm afraid. I can look up orders, "
        "deliveries, refunds and stock, and answer questions about shopping "
        "with us. If you would like to talk to a person, just say so."
    ),
    unavailable=(
        "I can't reach the order system at the moment, so I can't look up "
        "{id} right now. Please try again in a few minutes, or ask for a "
        "person."
    ),
    not_found={
        "order_status": (
            "I can't find an order {id} in your account. Please check the "
            "number, or ask for a person."
        ),
        "refund_status": (
            "I can't find a refund for order {id} in your account. Please check "
            "the number, or ask for a person."
        ),
        "tracking": (
            "I can't find any tracking for {id} yet. New parcels can take 24 to "
            "48 hours to appear. Please check the number or try again later."
        ),
        "stock": "I can't find an item {id}. Please check the item number.",
    },
    heads={
        "order_status": "Here is your order {id}.",
        "tracking": "Here is your parcel {id}.",
        "stock": "Here is the stock of {id}.",
        "refund_status": "Here is the refund for order {id}.",
    },
    lines={tool: {name: _LINES[name] for name in names} for tool, names in SHOWN_FIELDS.items()},
    statuses={
        "pending": "pending",
        "unpaid": "waiting for payment",
        "paid": "paid",
        "processing": "being prepared",
        "packed": "packed",
        "ready_to_ship": "ready to ship",
        "shipped": "shipped",
        "in_transit": "on its way",
        "customs": "in customs clearance",
        "out_for_delivery": "out for delivery",
        "ready_for_pickup": "ready for pickup",
        "delivered": "delivered",
        "delivery_failed": "delivery attempt failed",
        "exception": "there is a problem with the delivery",
        "lost": "lost",
        "returning": "on its way back to us",
        "returned": "returned",
        "cancelled": "cancelled",
        "refunding": "refund in progress",
        "refunded": "refunded",
        "refund_rejected": "refund declined",
        "requested": "requested",
        "approved": "approved",
        "received": "received",
        "closed": "closed",
        "completed": "completed",
        "awaiting_payment": "waiting for payment",
        "awaiting_shipment": "being prepared",
        "unshipped": "being prepared",
        "confirmed": "being prepared",
        "partially_shipped": "partly shipped",
        "dispatched": "shipped",
        "fulfilled": "shipped",
        "transit": "on its way",
        "customs_clearance": "in customs clearance",
        "in_customs": "in customs clearance",
        "available_for_pickup": "ready for pickup",
        "failed_attempt": "delivery attempt failed",
        "canceled": "cancelled",
        "refund_processing": "refund in progress",
        "refund_pending": "refund in progress",
        "rejected": "refund declined",
        "return_requested": "requested",
        "exchange_requested": "requested",
    },
    joint=" ",
)
