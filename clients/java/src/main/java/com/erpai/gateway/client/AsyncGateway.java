package com.erpai.gateway.client;

import com.erpai.gateway.v1.ChatRequest;
import com.erpai.gateway.v1.ChatResponse;
import com.erpai.gateway.v1.DetectAnomalyRequest;
import com.erpai.gateway.v1.DetectAnomalyResponse;
import com.erpai.gateway.v1.ExtractKeywordsRequest;
import com.erpai.gateway.v1.ExtractKeywordsResponse;
import com.erpai.gateway.v1.StreamChatResponse;
import com.erpai.gateway.v1.SubmitFeedbackRequest;
import com.erpai.gateway.v1.SubmitFeedbackResponse;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The gateway's calls as futures. A failed call completes its future with a {@link GatewayException}.
 *
 * <p>Cancelling the returned future itself, or ending it by {@code orTimeout}, cancels the call; doing
 * so to a future derived from it ({@code thenApply} and the like) does not, as always with
 * CompletableFuture.
 */
public interface AsyncGateway {

  /**
   * Answers a customer's question.
   *
   * @param request the conversation so far
   * @return the answer to come
   */
  CompletableFuture<ChatResponse> chat(ChatRequest request);

  /**
   * Answers a customer's question while it is being written.
   *
   * @param request the conversation so far
   * @param onEvent gets each event in order, on a thread of the channel; an exception it throws
   *     cancels the call and ends the future
   * @return the whole answer to come: that of the {@code completed} event
   */
  CompletableFuture<ChatResponse> streamChat(
      ChatRequest request, Consumer<StreamChatResponse> onEvent);

  /**
   * Finds the best search keywords of a product listing.
   *
   * @param request the listing
   * @return the keywords to come
   */
  CompletableFuture<ExtractKeywordsResponse> extractKeywords(ExtractKeywordsRequest request);

  /**
   * Finds the unusual points of a series.
   *
   * @param request the series
   * @return the anomalies to come
   */
  CompletableFuture<DetectAnomalyResponse> detectAnomaly(DetectAnomalyRequest request);

  /**
   * Keeps what people thought of an answer.
   *
   * @param request the answer's request id and the rating
   * @return whether the answer was still known
   */
  CompletableFuture<SubmitFeedbackResponse> submitFeedback(SubmitFeedbackRequest request);
}
