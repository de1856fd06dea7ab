package com.erpai.gateway.client;

/** The key is missing, unknown or expired. */
public final class UnauthenticatedException extends GatewayException {

  private static final long serialVersionUID = 1L;

  UnauthenticatedException(ErrorDetails details, Throwable cause) {
    super(details, cause);
  }
}
