"""The ERP AI Gateway: typed calls answered by models, and by rules when models fail."""

__version__ = "0.1.0"
