"""Dify apps as models: `/chat-messages`, always streamed."""

from gateway.adapters.dify.provider import DifyProvider

__all__ = ["DifyProvider"]
