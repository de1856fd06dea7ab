package com.erpai.gateway.client;

/** No such conversation or knowledge base for this tenant. */
public final class NotFoundException extends GatewayException {

  private static final long serialVersionUID = 1L;

  NotFoundException(ErrorDetails details, Throwable cause) {
    super(details, cause);
  }
}
