"""Words that show what a message wants, in six languages; matched on folded text.

Written from general knowledge of how customers write, not from any test file. Each constant is
one concept; each line in it one language. Folded text has no case and no Latin accents.
"""

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in patterns))


ORDER_CUE = (
    r"(?:\border(?:\s*(?:number|no\.?|num|id|nr\.?))?|订单(?:编?号|号码)?|单号"
    r"|\bbestell(?:ung|nummer|nr\.?)|\bauftrag(?:snummer)?|\bcommande(?: (?:numero|n[o°]))?"
    r"|\bpedido(?: (?:numero|n[o°]))?|注文(?:番号)?)(?: is|は|是|为|:|：)?"
)
TRACKING_CUE = (
    r"\btrack|\bparcel|\bpackage|\bshipment|\bwaybill|\bcourier|\bfedex|\bdhl|\busps|\bups\b"
    r"|快递|物流|运单|包裹|面单|中通|申通|圆通|韵达|顺丰|\bsendung|\bpaket|\bcolis|\bsuivi|\benvio"
    r"|\bpaquete|\bseguimiento|\bguia|追跡|荷物|伝票|ヤマト|佐川|ゆうパック"
)
SKU_CUE = (
    r"(?:\bsku\b|\bitem (?:no\.?|number|code)|\bproduct (?:no\.?|number|code)|\basin\b|货号"
    r"|商品编号|商品编码|款号|\bartikel(?:nummer|nr\.?)|\bref(?:erence|erencia)?\b|品番|商品番号|型番)"
)
