"""The ERP AI Gateway: typed calls answered by models, and by rules when models fail."""
