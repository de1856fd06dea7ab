"""The engines that answer without a model: `keywords`, `anomaly`, `chat`. Pure, and a library.

    from gateway.rules.keywords import KeywordRequest, Listing, extract
    from gateway.rules.anomaly import DetectRequest, Series, detect
    from gateway.rules.chat import parse_knowledge, reply, route, train

Each engine imports only itself; none does I/O while it answers.
"""
