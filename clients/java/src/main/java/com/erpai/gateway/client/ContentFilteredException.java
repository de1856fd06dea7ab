package com.erpai.gateway.client;

/** A provider refused the content on its policy. The gateway never routes around that. */
public final class ContentFilteredException extends InvalidRequestException {

  private static final long serialVersionUID = 1L;

  ContentFilteredException(ErrorDetails details, Throwable cause) {
    super(details, cause);
  }
}
