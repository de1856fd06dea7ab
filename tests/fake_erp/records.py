"""What the fake ERP knows: orders, refunds, parcels and stock, whichever way they are asked for."""

import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "retail.json"


class NotThere(Exception):
    """There is no such record."""


class NotAllowed(Exception):
    """It is not this customer's."""


class NotNow(Exception):
    """Its state does not allow that."""


class Records:
    """The data of `retail.json`, in memory."""

    def __init__(self) -> None:
        data = json.loads(DATA.read_text(encoding="utf-8"))
        self.orders: dict[str, Any] = data["orders"]
        self._items = {
            item: {"name": product["name"], **variant}
            for product in data["products"].values()
            for item, variant in product["variants"].items()
        }
        self._parcels = {
            number: order
            for order in self.orders.values()
            for fulfilment in order.get("fulfillments", ())
            for number in fulfilment["tracking_id"]
        }

    def order(self, number: str) -> dict[str, Any]:
        order = self._order(number)
        numbers = [n for f in order.get("fulfillments", ()) for n in f["tracking_id"]]
        return {**order, "tracking_no": numbers}

    def refund(self, number: str) -> dict[str, Any]:
        order = self._order(number)
        refunds = [p for p in order["payment_history"] if p["transaction_type"] == "refund"]
        if not refunds:
            raise NotThere
        paid = refunds[-1]
        return {
            "user_id": order["user_id"],
            "status": "refunded",
            "amount": paid["amount"],
            "method": paid["payment_method_id"].rsplit("_", 1)[0],
        }

    def parcel(self, number: str) -> dict[str, Any]:
        order = self._parcels.get(number)
        if order is None:
            raise NotThere
        return {key: order[key] for key in ("user_id", "order_id", "status")}

    def stock(self, item_id: str) -> dict[str, Any]:
        item = self._items.get(item_id)
        if item is None:
            raise NotThere
        return {"name": item["name"], "quantity": 12 if item["available"] else 0}

    def cancel(self, number: str, customer_id: str) -> dict[str, Any]:
        order = self._order(number)
        if order["user_id"] != customer_id:
            raise NotAllowed
        if order["status"] != "pending":
            raise NotNow
        order["status"] = "cancelled"
        return {"order_id": order["order_id"], "status": "cancelled"}

    def _order(self, number: str) -> dict[str, Any]:
        # customers leave the # out, too
        order = self.orders.get(number) or self.orders.get(f"#{number}")
        if order is None:
            raise NotThere
        found: dict[str, Any] = order
        return found
