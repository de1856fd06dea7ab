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
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The calls as futures over one channel. */
final class AsyncCalls implements AsyncGateway {

  private final Calls calls;

  AsyncCalls(Calls calls) {
    this.calls = calls;
  }

  @Override
  public CompletableFuture<ChatResponse> chat(ChatRequest request) {
    return begin(GatewayServiceGrpc.getChatMethod(), request);
  }

  @Override
  public CompletableFuture<ChatResponse> streamChat(
      ChatRequest request, Consumer<StreamChatResponse> onEvent) {
    Calls.OpenCall<StreamChatRequest, StreamChatResponse> open =
        calls.open(GatewayServiceGrpc.getStreamChatMethod());
    FutureObserver<StreamChatResponse, ChatResponse> observer =
        new FutureObserver<>(open, new WholeAnswer(onEvent));
    StreamChatRequest message = StreamChatRequest.newBuilder().setChat(request).build();
    ClientCalls.asyncServerStreamingCall(open.call(), message, observer);
    return observer.future();
  }

  @Override
  public CompletableFuture<ExtractKeywordsResponse> extractKeywords(
      ExtractKeywordsRequest request) {
    return begin(GatewayServiceGrpc.getExtractKeywordsMethod(), request);
  }

  @Override
  public CompletableFuture<DetectAnomalyResponse> detectAnomaly(DetectAnomalyRequest request) {
    return begin(GatewayServiceGrpc.getDetectAnomalyMethod(), request);
  }

  @Override
  public CompletableFuture<SubmitFeedbackResponse> submitFeedback(SubmitFeedbackRequest request) {
    return begin(GatewayServiceGrpc.getSubmitFeedbackMethod(), request);
  }

  private <Q, R> CompletableFuture<R> begin(MethodDescriptor<Q, R> method, Q request) {
    Calls.OpenCall<Q, R> open = calls.open(method);
    FutureObserver<R, R> observer = new FutureObserver<>(open, message -> message);
    ClientCalls.asyncUnaryCall(open.call(), request, observer);
    return observer.future();
  }
}
