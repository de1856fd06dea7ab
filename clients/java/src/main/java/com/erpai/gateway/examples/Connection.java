package com.erpai.gateway.examples;

import com.erpai.gateway.client.GatewayClient;
import com.erpai.gateway.client.GatewayClientBuilder;
import java.nio.file.Path;

/**
 * The client that all examples use, described by the environment: {@code ERP_GATEWAY_TARGET} (default
 * {@code localhost:50051}), {@code ERP_GATEWAY_KEY}, {@code ERP_GATEWAY_CA} (a PEM file; with it the
 * connection is TLS).
 */
final class Connection {

  private Connection() {}

  static GatewayClient open() {
    GatewayClientBuilder builder =
        GatewayClient.builder()
            .target(System.getenv().getOrDefault("ERP_GATEWAY_TARGET", "localhost:50051"))
            .erpVersion("1.2.0");
    String key = System.getenv("ERP_GATEWAY_KEY");
    if (key != null) {
      builder.apiKey(key);
    }
    String ca = System.getenv("ERP_GATEWAY_CA");
    return (ca == null ? builder.plaintext() : builder.trust(Path.of(ca))).build();
  }
}
