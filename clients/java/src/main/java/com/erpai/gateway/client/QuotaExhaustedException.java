package com.erpai.gateway.client;

/**
 * The tenant's limit is used up. {@link #retryDelay()} says for how long, {@code
 * metadata().get("limit")} which one.
 */
public final class QuotaExhaustedException extends GatewayException {

  private static final long serialVersionUID = 1L;

  QuotaExhaustedException(ErrorDetails details, Throwable cause) {
    super(details, cause);
  }
}
