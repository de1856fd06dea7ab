package com.erpai.gateway.client;

/**
 * Nothing could answer: every model failed and rules were forbidden ({@code ALL_MODELS_FAILED}),
 * the gateway is overloaded or going away, or none could be reached. Retries have been made
 * already.
 */
public final class GatewayUnavailableException extends GatewayException {

  private static final long serialVersionUID = 1L;

  GatewayUnavailableException(ErrorDetails details, Throwable cause) {
    super(details, cause);
  }
}
