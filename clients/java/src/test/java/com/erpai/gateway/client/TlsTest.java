package com.erpai.gateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.erpai.gateway.v1.ChatResponse;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** TLS and mTLS with real certificates. */
class TlsTest {

  private static final Stage STAGE = Stage.shared();

  private static GatewayClientBuilder to(String name) {
    return GatewayClient.builder()
        .target(STAGE.at(name))
        .apiKey("k-erp")
        .deadline(Duration.ofMinutes(2));
  }

  private static ChatResponse ask(GatewayClientBuilder builder) {
    try (GatewayClient gateway = builder.build()) {
      return gateway.chat(Samples.question("healthy"));
    }
  }

  @Test
  void aTrustedCertificateIsEnough() {
    assertEquals("healthy", ask(to("tls").trust(STAGE.file("ca"))).getInfo().getDeployment());
  }

  @Test
  void anUntrustedCertificateIsRefusedAndTheErrorSaysSo() {
    GatewayClientBuilder builder = to("tls").deadline(Duration.ofSeconds(3));
    DeadlineExceededException waited =
        assertThrows(DeadlineExceededException.class, () -> ask(builder));
    assertTrue(waited.getMessage().contains("UNAVAILABLE"), waited.getMessage());
    GatewayClientBuilder hasty = builder.waitForReady(false);
    GatewayUnavailableException error =
        assertThrows(GatewayUnavailableException.class, () -> ask(hasty));
    assertEquals("", error.reason());
  }

  @Test
  void aCertificateForAnotherNameIsRefused() {
    GatewayClientBuilder builder =
        to("tls").trust(STAGE.file("ca")).authority("gateway.example").waitForReady(false);
    assertThrows(GatewayUnavailableException.class, () -> ask(builder));
  }

  @Test
  void mutualTlsLetsInWhoShowsACertificate() {
    GatewayClientBuilder builder =
        to("mtls")
            .trust(STAGE.file("ca"))
            .clientCertificate(STAGE.file("client_certificate"), STAGE.file("client_key"));
    assertEquals("healthy", ask(builder).getInfo().getDeployment());
  }

  @Test
  void mutualTlsKeepsOutWhoShowsNone() {
    GatewayClientBuilder builder = to("mtls").trust(STAGE.file("ca")).waitForReady(false);
    assertThrows(GatewayUnavailableException.class, () -> ask(builder));
  }

  @Test
  void plaintextToATlsPortFails() {
    GatewayClientBuilder builder = to("tls").plaintext().waitForReady(false);
    assertThrows(GatewayUnavailableException.class, () -> ask(builder));
  }

  @Test
  void aFileThatCannotBeReadIsNamed() {
    GatewayClientBuilder builder = to("tls").trust(Path.of("no-such.pem"));
    UncheckedIOException error = assertThrows(UncheckedIOException.class, builder::build);
    assertTrue(error.getMessage().contains("no-such.pem"));
  }
}
