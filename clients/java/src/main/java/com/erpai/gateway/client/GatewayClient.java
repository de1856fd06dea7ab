package com.erpai.gateway.client;

import com.erpai.gateway.v1.ChatRequest;
import com.erpai.gateway.v1.ChatResponse;
import com.erpai.gateway.v1.DetectAnomalyRequest;
import com.erpai.gateway.v1.DetectAnomalyResponse;
import com.erpai.gateway.v1.ExtractKeywordsRequest;
import com.erpai.gateway.v1.ExtractKeywordsResponse;
import com.erpai.gateway.v1.SubmitFeedbackRequest;
import com.erpai.gateway.v1.SubmitFeedbackResponse;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A connection to the gateway. Make one for the whole application, share it between threads, close it at
 * the end.
 *
 * <pre>{@code
 * try (GatewayClient gateway =
 *     GatewayClient.builder().target("gateway.example:443").apiKey(key).build()) {
 *   ChatResponse answer = gateway.chat(request);
 * }
 * }</pre>
 *
 * <p>Nothing is connected before the first call. While no gateway can be reached, calls wait for one until
 * their deadline; see {@link GatewayClientBuilder#waitForReady(boolean)}.
 */
public final class GatewayClient implements Gateway, AutoCloseable {

  private static final long CLOSE_TIMEOUT_S = 5;

  private final ManagedChannel connection;
  private final Calls calls;
  private final Gateway blocking;

  GatewayClient(ManagedChannel connection, Calls calls) {
    this.connection = connection;
    this.calls = calls;
    this.blocking = new BlockingCalls(calls);
  }

  /**
   * Begins to describe a client.
   *
   * @return settings with their defaults
   */
  public static GatewayClientBuilder builder() {
    return new GatewayClientBuilder();
  }

  /**
   * The channel under the client, for generated stubs used directly: key, ERP version and request ids are
   * added, the service config applies; deadlines are the caller's business.
   *
   * @return closed with this client
   */
  public Channel channel() {
    return calls.channel();
  }

  @Override
  public ChatResponse chat(ChatRequest request) {
    return blocking.chat(request);
  }

  @Override
  public ChatStream streamChat(ChatRequest request) {
    return blocking.streamChat(request);
  }

  @Override
  public ExtractKeywordsResponse extractKeywords(ExtractKeywordsRequest request) {
    return blocking.extractKeywords(request);
  }

  @Override
  public DetectAnomalyResponse detectAnomaly(DetectAnomalyRequest request) {
    return blocking.detectAnomaly(request);
  }

  @Override
  public SubmitFeedbackResponse submitFeedback(SubmitFeedbackRequest request) {
    return blocking.submitFeedback(request);
  }

  @Override
  public AsyncGateway async() {
    return blocking.async();
  }

  @Override
  public Gateway withDeadline(Duration deadline) {
    return blocking.withDeadline(deadline);
  }

  @Override
  public Gateway withRequestId(String requestId) {
    return blocking.withRequestId(requestId);
  }

  @Override
  public Gateway withTraceParent(String traceParent) {
    return blocking.withTraceParent(traceParent);
  }

  /** Takes no new calls, waits up to five seconds for those in progress, then cancels them. */
  @Override
  public void close() {
    connection.shutdown();
    try {
      if (!connection.awaitTermination(CLOSE_TIMEOUT_S, TimeUnit.SECONDS)) {
        connection.shutdownNow();
      }
    } catch (InterruptedException interrupted) {
      connection.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
