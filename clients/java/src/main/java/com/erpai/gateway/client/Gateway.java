package com.erpai.gateway.client;

import com.erpai.gateway.v1.ChatRequest;
import com.erpai.gateway.v1.ChatResponse;
import com.erpai.gateway.v1.DetectAnomalyRequest;
import com.erpai.gateway.v1.DetectAnomalyResponse;
import com.erpai.gateway.v1.ExtractKeywordsRequest;
import com.erpai.gateway.v1.ExtractKeywordsResponse;
import com.erpai.gateway.v1.SubmitFeedbackRequest;
import com.erpai.gateway.v1.SubmitFeedbackResponse;
import java.time.Duration;

/**
 * The gateway's calls, blocking. An interface, so that applications can put a stand-in of their own
 * into their tests; {@link GatewayClient} is the real one.
 *
 * <p>Every call ends within its deadline: with a response, or with a {@link GatewayException}. All
 * methods may be used by many threads at once. Interrupting a waiting thread cancels its call.
 */
public interface Gateway {

  /**
   * Answers a customer's question.
   *
   * @param request the conversation so far; its last message is the user's
   * @return the answer; {@code getInfo()} tells where it came from
   * @throws GatewayException if the call failed
   */
  ChatResponse chat(ChatRequest request);

  /**
   * Answers a customer's question while it is being written. The call begins at once; close the
   * stream (try-with-resources) to hang up early.
   *
   * @param request the conversation so far
   * @return the events; errors come from reading them
   */
  ChatStream streamChat(ChatRequest request);

  /**
   * Finds the best search keywords of a product listing.
   *
   * @param request the listing
   * @return the keywords, best first
   * @throws GatewayException if the call failed
   */
  ExtractKeywordsResponse extractKeywords(ExtractKeywordsRequest request);

  /**
   * Finds the unusual points of a series.
   *
   * @param request the series
   * @return the anomalies in order of time
   * @throws GatewayException if the call failed
   */
  DetectAnomalyResponse detectAnomaly(DetectAnomalyRequest request);

  /**
   * Keeps what people thought of an answer.
   *
   * @param request the answer's request id and the rating
   * @return whether the answer was still known
   * @throws GatewayException if the call failed
   */
  SubmitFeedbackResponse submitFeedback(SubmitFeedbackRequest request);

  /**
   * The same calls without waiting.
   *
   * @return calls that return futures, on the same connection and with the same settings
   */
  AsyncGateway async();

  /**
   * The same calls with another deadline, for streams too.
   *
   * @param deadline the time a call may take, from its beginning; greater than zero
   * @return calls on the same connection; this object stays as it is
   */
  Gateway withDeadline(Duration deadline);

  /**
   * The same calls under a request id of the caller's own. Repeating a call with the id it had makes
   * the repetition safe: the same answer, billed once. Use one id for one question only.
   *
   * @param requestId at most 128 of {@code A-Z a-z 0-9 . _ : / + = @ -}, beginning with a letter or digit
   * @return calls on the same connection; this object stays as it is
   */
  Gateway withRequestId(String requestId);

  /**
   * The same calls as part of a trace.
   *
   * @param traceParent a W3C {@code traceparent} value
   * @return calls on the same connection; this object stays as it is
   */
  Gateway withTraceParent(String traceParent);
}
