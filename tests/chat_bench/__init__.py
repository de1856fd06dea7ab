"""The chat bench: the running gateway against models, tools and customers that do their worst."""
