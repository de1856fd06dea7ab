package com.erpai.gateway.client;

/** The key may not do this: call, route, knowledge base or SYSTEM messages. */
public final class PermissionDeniedException extends GatewayException {

  private static final long serialVersionUID = 1L;

  PermissionDeniedException(ErrorDetails details, Throwable cause) {
    super(details, cause);
  }
}
