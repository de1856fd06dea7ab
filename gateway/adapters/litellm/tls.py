"""Whom we trust: certificates are always verified."""

import os
import ssl

import certifi


def trusted() -> ssl.SSLContext:
    """A verifying client context.

    SSL_CERT_FILE and SSL_CERT_DIR win, as OpenSSL has it; then the system's authorities; then
    those of certifi, for containers without any.
    """
    paths = ssl.get_default_verify_paths()  # cafile and capath are None when nothing is there
    named = "SSL_CERT_FILE" in os.environ or "SSL_CERT_DIR" in os.environ
    if paths.cafile or paths.capath or named:
        return ssl.create_default_context()
    return ssl.create_default_context(cafile=certifi.where())
