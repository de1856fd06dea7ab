"""Listings written for these tests."""

from gateway.rules.keywords import KeywordRequest, Listing

BOTTLE = Listing(
    title="HYDROCELL Insulated Stainless Steel Water Bottle 750 ml with Straw Lid, Free Shipping",
    bullet_points=(
        "Keeps drinks cold: double wall vacuum insulation",
        "Leak proof straw lid with carry loop",
    ),
    description="A steel bottle for sport, school and the office. Not compatible with Yeti lids.",
    brand="HYDROCELL",
    category="Kitchen > Drinkware",
    marketplace="AMAZON_US",
)
TITLES = {
    "en": "Wooden Dog Bed with Washable Cushion for Large Dogs, Grey",
    "de": "Gartenschlauch flexibel 30 m mit Spritzpistole und Halterung für den Balkon",
    "fr": "Lampe de bureau LED pliable rechargeable avec protection des yeux",
    "es": "Botella de agua de acero inoxidable para niños y deporte",
    "zh": "不锈钢保温杯大容量便携运动水壶男女学生户外水杯",
    "ja": "ステンレス水筒 直飲み 保温保冷 スポーツボトル 子供 大人",
}


def titled(title: str, most: int = 5, **more: object) -> KeywordRequest:
    return KeywordRequest(Listing(title=title), most, **more)  # type: ignore[arg-type] # named fields
