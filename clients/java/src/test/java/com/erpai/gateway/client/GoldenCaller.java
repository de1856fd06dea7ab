package com.erpai.gateway.client;

import com.erpai.gateway.v1.ChatRequest;
import com.erpai.gateway.v1.DetectAnomalyRequest;
import com.erpai.gateway.v1.ExtractKeywordsRequest;
import com.erpai.gateway.v1.GatewayServiceGrpc;
import com.erpai.gateway.v1.StreamChatRequest;
import com.erpai.gateway.v1.StreamChatResponse;
import com.erpai.gateway.v1.SubmitFeedbackRequest;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

/** Makes the calls of golden cases with this client. */
final class GoldenCaller {

  /** How a call ended; {@code error} is null after OK. */
  record Outcome(
      String requestId, Map<String, Object> response, List<Map<String, Object>> events,
      GatewayException error) {}

  private final Supplier<GatewayClientBuilder> target;

  GoldenCaller(Supplier<GatewayClientBuilder> target) {
    this.target = target;
  }

  Outcome call(Map<String, Object> step) {
    Map<String, Object> metadata = Json.map(step.get("metadata"));
    String id = (String) metadata.getOrDefault("x-request-id", UUID.randomUUID().toString());
    List<Map<String, Object>> events = new ArrayList<>();
    try (GatewayClient client = client(metadata)) {
      Map<String, Object> response =
          step.containsKey("request_base64")
              ? raw(client, step, id)
              : called(client.withRequestId(id).withDeadline(deadline(step)), step, events);
      return new Outcome(id, response, events, null);
    } catch (GatewayException failed) {
      return new Outcome(id, null, events, failed);
    }
  }

  /** Opens a stream and reads until its first delta. */
  AutoCloseable hold(Map<String, Object> step) {
    GatewayClient client = client(Map.of());
    ChatStream events = client.withDeadline(deadline(step)).streamChat(chat(step));
    StreamTest.awaitDelta(events);
    return () -> {
      events.close();
      client.close();
    };
  }

  private GatewayClient client(Map<String, Object> metadata) {
    GatewayClientBuilder builder = target.get();
    if (metadata.containsKey("x-erp-version")) {
      builder.erpVersion((String) metadata.get("x-erp-version"));
    }
    return builder.build();
  }

  private static Duration deadline(Map<String, Object> step) {
    return Duration.ofNanos((long) ((Double) step.getOrDefault("deadline_s", 60.0) * 1e9));
  }

  private static ChatRequest chat(Map<String, Object> step) {
    return Json.message(step.get("request"), StreamChatRequest.getDefaultInstance()).getChat();
  }

  private static Map<String, Object> called(
      Gateway gateway, Map<String, Object> step, List<Map<String, Object>> events) {
    Object json = step.get("request");
    return switch ((String) step.get("call")) {
      case "Chat" -> made(json, ChatRequest.getDefaultInstance(), gateway::chat);
      case "ExtractKeywords" ->
          made(json, ExtractKeywordsRequest.getDefaultInstance(), gateway::extractKeywords);
      case "DetectAnomaly" ->
          made(json, DetectAnomalyRequest.getDefaultInstance(), gateway::detectAnomaly);
      case "SubmitFeedback" ->
          made(json, SubmitFeedbackRequest.getDefaultInstance(), gateway::submitFeedback);
      default -> streamed(gateway, step, events);
    };
  }

  private static <Q extends Message> Map<String, Object> made(
      Object json, Q empty, Function<Q, ? extends Message> call) {
    return Json.of(call.apply(Json.message(json, empty)));
  }

  private static Map<String, Object> streamed(
      Gateway gateway, Map<String, Object> step, List<Map<String, Object>> events) {
    Double most = (Double) step.getOrDefault("cancel_after", Double.POSITIVE_INFINITY);
    try (ChatStream stream = gateway.streamChat(chat(step))) {
      for (StreamChatResponse event : stream) {
        events.add(Json.of(event));
        if (events.size() >= most) {
          return null;
        }
      }
      return Json.of(stream.answer());
    }
  }

  /** Sends bytes that are no message, over the client's channel. */
  private static Map<String, Object> raw(
      GatewayClient client, Map<String, Object> step, String id) {
    byte[] bytes = Base64.getDecoder().decode((String) step.get("request_base64"));
    MethodDescriptor<?, ? extends Message> method =
        "StreamChat".equals(step.get("call"))
            ? GatewayServiceGrpc.getStreamChatMethod()
            : GatewayServiceGrpc.getChatMethod();
    CallOptions options =
        CallOptions.DEFAULT.withOption(
            Headers.SETTINGS, new CallSettings(null, null, id, null));
    try {
      Iterator<? extends Message> came =
          ClientCalls.blockingServerStreamingCall(
              client.channel(), asBytes(method), options, bytes);
      return Json.of(came.next());
    } catch (StatusRuntimeException failed) {
      throw GatewayException.of(failed, id);
    }
  }

  private static <R> MethodDescriptor<byte[], R> asBytes(MethodDescriptor<?, R> method) {
    return method
        .toBuilder(new Bytes(), method.getResponseMarshaller())
        .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
        .setSchemaDescriptor(null)
        .build();
  }

  private record Bytes() implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      throw new UnsupportedOperationException("requests are only sent");
    }
  }
}
