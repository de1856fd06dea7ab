package com.erpai.gateway.client;

import java.util.List;
import java.util.Map;

/**
 * The service config that every channel gets: how calls are balanced, retried, and kept waiting while
 * no gateway is there. JSON as maps; gRPC wants its numbers as doubles.
 */
final class ServiceConfig {

  static final String SERVICE = "gateway.v1.GatewayService";

  /**
   * UNAVAILABLE is what a dying, draining or overloaded gateway answers. CANCELLED, when it is not of
   * our own making (those are never retried), is what it answers to some calls as it shuts down.
   */
  private static final List<String> RETRYABLE = List.of("UNAVAILABLE", "CANCELLED");

  private ServiceConfig() {}

  static Map<String, Object> of(boolean waitForReady) {
    return Map.of(
        // every address of the name takes its share; one that says NOT_SERVING gets no calls
        "loadBalancingConfig", List.of(Map.of("round_robin", Map.of())),
        "healthCheckConfig", Map.of("serviceName", SERVICE),
        "methodConfig", List.of(methodConfig(waitForReady)));
  }

  private static Map<String, Object> methodConfig(boolean waitForReady) {
    return Map.of(
        "name",
        List.of(Map.of("service", SERVICE)),
        // without it a call made while no gateway is there fails at once
        "waitForReady",
        waitForReady,
        "retryPolicy",
        Map.of(
            "maxAttempts", 5.0, // the most that gRPC allows
            "initialBackoff", "0.1s",
            "maxBackoff", "2s",
            "backoffMultiplier", 2.0,
            "retryableStatusCodes", RETRYABLE));
  }
}
