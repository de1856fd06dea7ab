"""A small ERP over HTTP, for tests and the demonstration of tools."""

from tests.fake_erp.server import FakeErp

__all__ = ["FakeErp"]
