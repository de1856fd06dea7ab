"""Words that stand before ids, and the building of word patterns.

A word may stand right beside a Chinese character, so its edges are "no Latin letter" and not
the word boundary of regular expressions.
"""

import re


def any_of(*patterns: str) -> re.Pattern[str]:
    """Compile patterns into one that finds whichever stands first."""
    return re.compile("|".join(f"(?:{p})" for p in patterns))


_START = "(?<![a-z])"

ORDER_CUE = (
    rf"(?:{_START}(?:order(?:\s*(?:number|no\.?|num|id|nr\.?))?|bestell(?:ung|nummer|nr\.?)"
    r"|auftrag(?:snummer)?|commande(?: (?:numero|n[o°]))?|pedido(?: (?:numero|n[o°]))?)"
    r"|订单(?:编?号|号码)?|单号|注文(?:番号)?)(?: is|は|是|为|:|：)?"
)
TRACKING_CUE = (
    rf"{_START}(?:track|parcel|package|shipment|waybill|courier|fedex|dhl|usps|ups(?![a-z])"
    r"|sendung|paket|colis|suivi|envio|paquete|seguimiento|guia)"
    r"|快递|物流|运单|包裹|面单|中通|申通|圆通|韵达|顺丰|追跡|荷物|伝票|ヤマト|佐川|ゆうパック"
)
SKU_CUE = (
    rf"(?:{_START}(?:sku|asin|item (?:no\.?|number|code)|product (?:no\.?|number|code)"
    r"|artikel(?:nummer|nr\.?)|ref(?:erence|erencia)?)(?![a-z])"
    r"|货号|商品编号|商品编码|款号|品番|商品番号|型番)"
)
