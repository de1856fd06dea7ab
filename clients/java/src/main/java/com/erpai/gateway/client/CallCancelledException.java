package com.erpai.gateway.client;

/**
 * The call was cancelled by this side: its thread was interrupted, its stream closed, its context
 * cancelled.
 */
public final class CallCancelledException extends GatewayException {

  private static final long serialVersionUID = 1L;

  CallCancelledException(ErrorDetails details, Throwable cause) {
    super(details, cause);
  }
}
