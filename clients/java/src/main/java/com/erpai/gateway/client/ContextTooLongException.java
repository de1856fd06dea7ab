package com.erpai.gateway.client;

/** No model of the route can hold the request: shorten it. */
public final class ContextTooLongException extends InvalidRequestException {

  private static final long serialVersionUID = 1L;

  ContextTooLongException(ErrorDetails details, Throwable cause) {
    super(details, cause);
  }
}
