package com.erpai.gateway.client;

import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Describes a {@link GatewayClient}. Only {@link #target(String)} must be given. */
public final class GatewayClientBuilder {

  /** The server refuses pings that come more often than every 5 s; gRPC itself asks for 10 s. */
  private static final Duration LEAST_KEEPALIVE = Duration.ofSeconds(10);

  private static final int MIB = 1024 * 1024;

  /** Twice the largest request that the gateway takes. */
  private static final long RETRIED_BYTES = 16L * MIB;

  private static final String USER_AGENT = "erp-gateway-java/0.1.0";

  private String target;
  private Supplier<String> apiKey;
  private String erpVersion;
  private boolean plaintext;
  private Path trusted;
  private Path certificate;
  private Path privateKey;
  private String authority;
  private Duration deadline = Duration.ofSeconds(30);
  private Duration streamDeadline = Duration.ofMinutes(2);
  private Duration keepAlive = Duration.ofSeconds(30);
  private boolean waitForReady = true;
  private int maxResponseBytes = 32 * MIB;

  GatewayClientBuilder() {}

  /**
   * Where the gateway is.
   *
   * @param value {@code host:port}, or {@code dns:///host:port}; all addresses of the name are used
   * @return this
   */
  public GatewayClientBuilder target(String value) {
    Checks.filled("target", value);
    this.target = value;
    return this;
  }

  /**
   * The key that the gateway knows this application by.
   *
   * @param value sent as {@code authorization: Bearer}
   * @return this
   */
  public GatewayClientBuilder apiKey(String value) {
    Checks.printable("API key", value);
    return apiKey(() -> value);
  }

  /**
   * The key, asked for at every call: for keys that are changed while the application runs.
   *
   * @param value must be fast and usable by many threads; what it throws, the call throws
   * @return this
   */
  public GatewayClientBuilder apiKey(Supplier<String> value) {
    this.apiKey = value;
    return this;
  }

  /**
   * Which release of the ERP is calling ({@code x-erp-version}).
   *
   * @param value at most 64 of {@code A-Z a-z 0-9 . _ + -}
   * @return this
   */
  public GatewayClientBuilder erpVersion(String value) {
    Checks.printable("ERP version", value);
    this.erpVersion = value;
    return this;
  }

  /**
   * No encryption: key and texts can be read on the way. For this machine and networks of one's own. The
   * default is TLS.
   *
   * @return this
   */
  public GatewayClientBuilder plaintext() {
    this.plaintext = true;
    return this;
  }

  /**
   * TLS with certificates other than the ones that Java trusts by itself.
   *
   * @param pem the authorities' certificates, or the gateway's own
   * @return this
   */
  public GatewayClientBuilder trust(Path pem) {
    this.trusted = pem;
    return this;
  }

  /**
   * mTLS: this side shows a certificate, too.
   *
   * @param certificatePem the certificate and its chain
   * @param privateKeyPem its key in PKCS#8 ({@code BEGIN PRIVATE KEY}), not encrypted
   * @return this
   */
  public GatewayClientBuilder clientCertificate(Path certificatePem, Path privateKeyPem) {
    this.certificate = certificatePem;
    this.privateKey = privateKeyPem;
    return this;
  }

  /**
   * The name that the gateway's certificate must bear, if it is not the target's host.
   *
   * @param value a host name
   * @return this
   */
  public GatewayClientBuilder authority(String value) {
    Checks.filled("authority", value);
    this.authority = value;
    return this;
  }

  /**
   * How long a call may take, waiting for a connection and retries included. Default 30 s.
   *
   * @param value greater than zero
   * @return this
   */
  public GatewayClientBuilder deadline(Duration value) {
    Checks.positive("deadline", value);
    this.deadline = value;
    return this;
  }

  /**
   * How long a chat stream may take as a whole. Default 2 minutes.
   *
   * @param value greater than zero
   * @return this
   */
  public GatewayClientBuilder streamDeadline(Duration value) {
    Checks.positive("stream deadline", value);
    this.streamDeadline = value;
    return this;
  }

  /**
   * How often a silent connection is tested, so that one that a firewall has dropped is noticed. Default
   * 30 s, for an answer within 10 s.
   *
   * @param value 10 s or more
   * @return this
   */
  public GatewayClientBuilder keepAlive(Duration value) {
    if (value.compareTo(LEAST_KEEPALIVE) < 0) {
      throw new IllegalArgumentException("keepAlive must be 10 s or more, not " + value);
    }
    this.keepAlive = value;
    return this;
  }

  /**
   * Whether calls wait, until their deadline, while no gateway can be reached. Default true: a gateway that
   * restarts costs time, not calls. False: such calls fail with {@link GatewayUnavailableException} after a
   * few tries.
   *
   * @param value true to wait
   * @return this
   */
  public GatewayClientBuilder waitForReady(boolean value) {
    this.waitForReady = value;
    return this;
  }

  /**
   * The largest response taken. Default 32 MiB.
   *
   * @param value in bytes, greater than zero
   * @return this
   */
  public GatewayClientBuilder maxResponseBytes(int value) {
    this.maxResponseBytes = value;
    return this;
  }

  /**
   * Makes the client. It connects at its first call.
   *
   * @return to be closed at the end
   * @throws IllegalStateException if no target was given, or plaintext and TLS together
   * @throws UncheckedIOException if a PEM file cannot be read
   */
  public GatewayClient build() {
    if (target == null) {
      throw new IllegalStateException("no target: say target(\"host:port\")");
    }
    ManagedChannel connection = connection();
    Channel channel =
        ClientInterceptors.intercept(
            connection, new Headers(apiKey, erpVersion), new Reconnector(connection));
    return new GatewayClient(
        connection, new Calls(channel, new CallSettings(deadline, streamDeadline, null, null)));
  }

  private ManagedChannel connection() {
    ManagedChannelBuilder<?> channel =
        Grpc.newChannelBuilder(target, credentials())
            .userAgent(USER_AGENT)
            .enableRetry()
            // only a call whose request fits is retried; 1 MiB by default, less than a long series
            .perRpcBufferLimit(RETRIED_BYTES)
            // of all calls together; 16 MiB by default
            .retryBufferSize(8 * RETRIED_BYTES)
            .defaultServiceConfig(ServiceConfig.of(waitForReady))
            // ours always holds: a name's TXT record cannot change it
            .disableServiceConfigLookUp()
            .keepAliveTime(keepAlive.toMillis(), TimeUnit.MILLISECONDS)
            .keepAliveTimeout(10, TimeUnit.SECONDS)
            .keepAliveWithoutCalls(true)
            .maxInboundMessageSize(maxResponseBytes);
    if (authority != null) {
      channel.overrideAuthority(authority);
    }
    return channel.build();
  }

  private ChannelCredentials credentials() {
    boolean tls = trusted != null || certificate != null;
    if (plaintext && tls) {
      throw new IllegalStateException("plaintext() and TLS certificates exclude each other");
    }
    if (plaintext) {
      return InsecureChannelCredentials.create();
    }
    TlsChannelCredentials.Builder builder = TlsChannelCredentials.newBuilder();
    try {
      if (trusted != null) {
        builder.trustManager(readable(trusted));
      }
      if (certificate != null) {
        builder.keyManager(readable(certificate), readable(privateKey));
      }
      return builder.build();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable.getMessage(), unreadable);
    }
  }

  private static java.io.File readable(Path pem) throws IOException {
    if (!Files.isReadable(pem)) {
      throw new IOException("cannot read the PEM file '" + pem + "'");
    }
    return pem.toFile();
  }
}
