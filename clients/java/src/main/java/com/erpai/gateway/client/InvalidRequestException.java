package com.erpai.gateway.client;

/**
 * The request breaks a documented rule; sending it again will not help. See {@link
 * #fieldViolations()}.
 */
public class InvalidRequestException extends GatewayException {

  private static final long serialVersionUID = 1L;

  InvalidRequestException(ErrorDetails details, Throwable cause) {
    super(details, cause);
  }
}
