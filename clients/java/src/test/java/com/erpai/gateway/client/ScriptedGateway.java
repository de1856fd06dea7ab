package com.erpai.gateway.client;

import com.erpai.gateway.v1.ChatRequest;
import com.erpai.gateway.v1.ChatResponse;
import com.erpai.gateway.v1.GatewayServiceGrpc;
import com.erpai.gateway.v1.StreamChatRequest;
import com.erpai.gateway.v1.StreamChatResponse;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server on a real socket that ends calls as told: what the real gateway does only by chance. */
final class ScriptedGateway implements AutoCloseable {

  /** An end that never comes. */
  static final Status SILENCE = Status.OK.withDescription("silence");

  final List<Metadata> seen = new CopyOnWriteArrayList<>();
  private final Deque<Status> ends = new ArrayDeque<>();
  private final HealthStatusManager health = new HealthStatusManager();
  private final Server server;
  private final int port;

  /** {@code first}: how the first calls end, in order; those after them are answered. */
  ScriptedGateway(Status... first) throws IOException {
    ends.addAll(List.of(first));
    server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(new Answers())
            .addService(health.getHealthService())
            .intercept(new Keeping())
            .build()
            .start();
    port = server.getPort();
    say(ServingStatus.SERVING);
  }

  String target() {
    return "localhost:" + port;
  }

  void say(ServingStatus status) {
    health.setStatus(ServiceConfig.SERVICE, status);
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private synchronized Status next() {
    return ends.isEmpty() ? Status.OK : ends.removeFirst();
  }

  private final class Answers extends GatewayServiceGrpc.GatewayServiceImplBase {
    @Override
    public void chat(ChatRequest request, StreamObserver<ChatResponse> answer) {
      Status end = next();
      if (end == SILENCE) {
        return;
      }
      if (end.isOk()) {
        answer.onNext(ChatResponse.newBuilder().setText("yes").build());
        answer.onCompleted();
      } else {
        answer.onError(end.asRuntimeException());
      }
    }

    @Override
    public void streamChat(StreamChatRequest request, StreamObserver<StreamChatResponse> answer) {
      StreamChatResponse.Builder event = StreamChatResponse.newBuilder();
      event.getDeltaBuilder().setText("half an ans");
      answer.onNext(event.build());
      answer.onCompleted();
    }
  }

  private final class Keeping implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      if (call.getMethodDescriptor().getFullMethodName().startsWith(ServiceConfig.SERVICE)) {
        seen.add(headers);
      }
      return next.startCall(call, headers);
    }
  }
}
