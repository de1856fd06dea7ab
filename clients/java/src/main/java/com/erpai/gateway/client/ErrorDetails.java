package com.erpai.gateway.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a failed call told: the status and its typed details, as plain values. */
record ErrorDetails(
    Status.Code code,
    String text,
    String reason,
    Map<String, String> metadata,
    Duration retryDelay,
    List<FieldViolation> fieldViolations,
    String requestId)
    implements Serializable {

  private static final String REQUEST_ID = "request_id";

  /** A stream that ended OK without its last event: someone on the way cut it. */
  static GatewayException incomplete(String requestId) {
    return local(Status.Code.INTERNAL, "the stream ended without `completed`", requestId, null);
  }

  /** A thread that was interrupted while it waited for an event. */
  static GatewayException interrupted(String requestId, InterruptedException cause) {
    return local(Status.Code.CANCELLED, "the reading thread was interrupted", requestId, cause);
  }

  /** Reads status and trailers; {@code sentId} stands in where the server named no request id. */
  static ErrorDetails read(Status status, Metadata trailers, String sentId) {
    List<Any> details = details(status, trailers);
    Optional<ErrorInfo> info = find(details, ErrorInfo.class);
    Map<String, String> metadata = info.map(ErrorInfo::getMetadataMap).orElse(Map.of());
    return new ErrorDetails(
        status.getCode(),
        Optional.ofNullable(status.getDescription()).orElse("no message"),
        info.map(ErrorInfo::getReason).orElse(""),
        Map.copyOf(metadata),
        find(details, RetryInfo.class).map(ErrorDetails::delay).orElse(null),
        find(details, BadRequest.class).map(ErrorDetails::violations).orElse(List.of()),
        metadata.getOrDefault(REQUEST_ID, sentId));
  }

  String message() {
    String name = reason.isEmpty() || reason.equals(code.name()) ? code.name() : code + " " + reason;
    return name + ": " + text + " (request id " + requestId + ")";
  }

  private static GatewayException local(
      Status.Code code, String text, String requestId, Throwable cause) {
    ErrorDetails details =
        new ErrorDetails(code, text, "", Map.of(), null, List.of(), requestId);
    return GatewayException.of(details, cause);
  }

  private static List<Any> details(Status status, Metadata trailers) {
    if (trailers == null) {
      return List.of();
    }
    try {
      com.google.rpc.Status rpc = StatusProto.fromStatusAndTrailers(status, trailers);
      return rpc == null ? List.of() : rpc.getDetailsList();
    } catch (IllegalArgumentException someoneOnTheWayChangedTheCode) {
      return List.of();
    }
  }

  private static <M extends Message> Optional<M> find(List<Any> details, Class<M> kind) {
    for (Any detail : details) {
      if (detail.is(kind)) {
        try {
          return Optional.of(detail.unpack(kind));
        } catch (InvalidProtocolBufferException damaged) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  private static Duration delay(RetryInfo retry) {
    return Duration.ofSeconds(
        retry.getRetryDelay().getSeconds(), retry.getRetryDelay().getNanos());
  }

  private static List<FieldViolation> violations(BadRequest request) {
    return request.getFieldViolationsList().stream()
        .map(v -> new FieldViolation(v.getField(), v.getDescription()))
        .toList();
  }
}
