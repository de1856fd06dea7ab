package com.erpai.gateway.client;

/**
 * The time is over. The text tells whether a connection was ever there: while no gateway can be
 * reached, a call waits for one until its deadline.
 */
public final class DeadlineExceededException extends GatewayException {

  private static final long serialVersionUID = 1L;

  DeadlineExceededException(ErrorDetails details, Throwable cause) {
    super(details, cause);
  }
}
