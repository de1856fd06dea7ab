package com.erpai.gateway.client;

import com.erpai.gateway.v1.ChatRequest;
import com.erpai.gateway.v1.ChatResponse;
import com.erpai.gateway.v1.DetectAnomalyRequest;
import com.erpai.gateway.v1.DetectAnomalyResponse;
import com.erpai.gateway.v1.ExtractKeywordsRequest;
import com.erpai.gateway.v1.ExtractKeywordsResponse;
import com.erpai.gateway.v1.GatewayServiceGrpc;
import com.erpai.gateway.v1.StreamChatRequest;
import com.erpai.gateway.v1.StreamChatResponse;
import com.erpai.gateway.v1.SubmitFeedbackRequest;
import com.erpai.gateway.v1.SubmitFeedbackResponse;
import java.time.Duration;

/** The blocking calls over one channel. */
final class BlockingCalls implements Gateway {

  private final Calls calls;
  private final AsyncCalls async;

  BlockingCalls(Calls calls) {
    this.calls = calls;
    this.async = new AsyncCalls(calls);
  }

  @Override
  public ChatResponse chat(ChatRequest request) {
    return calls.await(GatewayServiceGrpc.getChatMethod(), request);
  }

  @Override
  public ChatStream streamChat(ChatRequest request) {
    Calls.OpenCall<StreamChatRequest, StreamChatResponse> open =
        calls.open(GatewayServiceGrpc.getStreamChatMethod());
    StreamChatRequest message = StreamChatRequest.newBuilder().setChat(request).build();
    return ChatStream.begin(open, message);
  }

  @Override
  public ExtractKeywordsResponse extractKeywords(ExtractKeywordsRequest request) {
    return calls.await(GatewayServiceGrpc.getExtractKeywordsMethod(), request);
  }

  @Override
  public DetectAnomalyResponse detectAnomaly(DetectAnomalyRequest request) {
    return calls.await(GatewayServiceGrpc.getDetectAnomalyMethod(), request);
  }

  @Override
  public SubmitFeedbackResponse submitFeedback(SubmitFeedbackRequest request) {
    return calls.await(GatewayServiceGrpc.getSubmitFeedbackMethod(), request);
  }

  @Override
  public AsyncGateway async() {
    return async;
  }

  @Override
  public Gateway withDeadline(Duration deadline) {
    return new BlockingCalls(calls.with(calls.settings().withDeadline(deadline)));
  }

  @Override
  public Gateway withRequestId(String requestId) {
    return new BlockingCalls(calls.with(calls.settings().withRequestId(requestId)));
  }

  @Override
  public Gateway withTraceParent(String traceParent) {
    return new BlockingCalls(calls.with(calls.settings().withTraceParent(traceParent)));
  }
}
