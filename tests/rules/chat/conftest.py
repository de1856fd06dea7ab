from pathlib import Path

import pytest

from gateway.rules.chat import ChatModel, KnowledgeBase, parse_knowledge, train

SHOP = Path(__file__).parents[3] / "config" / "knowledge" / "shop"


@pytest.fixture(scope="session")
def shop() -> KnowledgeBase:
    files = [(path.name, path.read_text(encoding="utf-8")) for path in sorted(SHOP.glob("faq*"))]
    return parse_knowledge("shop", files)


@pytest.fixture(scope="session")
def model(shop: KnowledgeBase) -> ChatModel:
    return train(shop)
