package com.erpai.gateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.erpai.gateway.v1.ChatMessage;
import com.erpai.gateway.v1.ChatRequest;
import com.erpai.gateway.v1.ChatResponse;
import com.erpai.gateway.v1.GatewayServiceGrpc;
import com.erpai.gateway.v1.Role;
import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every reason of the contract as it reaches a Java program. */
class ErrorsTest {

  private static final Stage STAGE = Stage.shared();

  private static GatewayException refused(String key, ChatRequest request) {
    try (GatewayClient gateway = guarded(key)) {
      return assertThrows(
          GatewayException.class, () -> gateway.withRequestId("e-1").chat(request));
    }
  }

  private static GatewayClient guarded(String key) {
    return GatewayClient.builder().target(STAGE.at("guarded")).plaintext().apiKey(key).build();
  }

  @ParameterizedTest
  @CsvSource({
    "k-stranger, UnauthenticatedException, UNAUTHENTICATED, UNAUTHENTICATED",
    "k-forbidden, PermissionDeniedException, PERMISSION_DENIED, PERMISSION_DENIED",
    "k-spent, QuotaExhaustedException, RESOURCE_EXHAUSTED, QUOTA_EXHAUSTED",
    "k-nowhere, NotFoundException, NOT_FOUND, NOT_FOUND",
    "k-shed, GatewayUnavailableException, UNAVAILABLE, OVERLOADED",
    "k-draining, GatewayUnavailableException, UNAVAILABLE, DRAINING",
    "k-bug, GatewayException, INTERNAL, INTERNAL",
  })
  void aKeysRefusalIsTyped(String key, String type, Status.Code code, String reason) {
    GatewayException error = refused(key, Samples.question("healthy"));
    assertEquals(type, error.getClass().getSimpleName());
    assertEquals(code, error.code());
    assertEquals(reason, error.reason());
    assertEquals("e-1", error.requestId());
    assertEquals("e-1", error.metadata().get("request_id"));
    assertFalse(error.getMessage().contains("a detail that no caller may see"));
  }

  @ParameterizedTest
  @CsvSource({
    "filtered, ContentFilteredException, INVALID_ARGUMENT, CONTENT_FILTERED",
    "too-long, ContextTooLongException, INVALID_ARGUMENT, CONTEXT_TOO_LONG",
    "no-rules, GatewayUnavailableException, UNAVAILABLE, ALL_MODELS_FAILED",
  })
  void aModelsFailureIsTyped(String routeCase, String type, Status.Code code, String reason) {
    GatewayException error = refused("k-erp", Samples.question(routeCase));
    assertEquals(type, error.getClass().getSimpleName());
    assertEquals(code, error.code());
    assertEquals(reason, error.reason());
    assertTrue(error.metadata().containsKey("attempts"), error.metadata().toString());
  }

  @Test
  void aQuotaTellsItsNameAndWhenItHasRoomAgain() {
    GatewayException error = refused("k-spent", Samples.question("healthy"));
    assertEquals("calls per day", error.metadata().get("limit"));
    assertEquals(Duration.ofSeconds(30), error.retryDelay().orElseThrow());
  }

  @Test
  void everyBrokenRuleIsListed() {
    ChatRequest wrong =
        ChatRequest.newBuilder()
            .addMessages(ChatMessage.newBuilder().setRole(Role.ROLE_USER))
            .setTemperature(9)
            .build();
    GatewayException error = refused("k-erp", wrong);
    assertEquals(InvalidRequestException.class, error.getClass());
    assertEquals("INVALID_REQUEST", error.reason());
    List<String> fields = error.fieldViolations().stream().map(FieldViolation::field).toList();
    assertEquals(List.of("messages[0].text", "temperature"), fields.stream().sorted().toList());
  }

  @Test
  void systemMessagesNeedAKeyThatMaySendThem() {
    ChatRequest request =
        Samples.question("healthy").toBuilder()
            .addMessages(
                0, ChatMessage.newBuilder().setRole(Role.ROLE_SYSTEM).setText("Be brief."))
            .build();
    assertEquals("PERMISSION_DENIED", refused("k-erp", request).reason());
    try (GatewayClient gateway = guarded("k-system")) {
      assertFalse(gateway.chat(request).getText().isEmpty());
    }
  }

  @Test
  void textThatIsNoUtf8IsRefusedByTheServer() {
    ByteString notUtf8 = ByteString.copyFrom(new byte[] {(byte) 0xff});
    Empty message =
        Empty.newBuilder()
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        ChatRequest.CONVERSATION_ID_FIELD_NUMBER,
                        UnknownFieldSet.Field.newBuilder().addLengthDelimited(notUtf8).build())
                    .build())
            .build();
    assertEquals("MALFORMED_REQUEST", raw("Chat", message).reason());
  }

  @Test
  void anUnknownMethodIsRefusedByTheServer() {
    assertEquals("UNIMPLEMENTED", raw("Divine", Empty.getDefaultInstance()).reason());
  }

  /** Calls a method with bytes that the generated stubs would never send. */
  private static GatewayException raw(String method, Empty message) {
    MethodDescriptor<Empty, ChatResponse> descriptor =
        GatewayServiceGrpc.getChatMethod()
            .toBuilder(
                ProtoUtils.marshaller(Empty.getDefaultInstance()),
                ProtoUtils.marshaller(ChatResponse.getDefaultInstance()))
            .setFullMethodName("gateway.v1.GatewayService/" + method)
            .setSchemaDescriptor(null)
            .build();
    try (GatewayClient gateway = guarded("k-erp")) {
      StatusRuntimeException error =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  ClientCalls.blockingUnaryCall(
                      gateway.channel(), descriptor, CallOptions.DEFAULT, message));
      return GatewayException.of(error, "sent");
    }
  }

  @Test
  void aWrongErpVersionIsNamed() {
    try (GatewayClient gateway =
        GatewayClient.builder()
            .target(STAGE.at("plain"))
            .plaintext()
            .erpVersion("release 7")
            .build()) {
      InvalidRequestException error =
          assertThrows(
              InvalidRequestException.class, () -> gateway.chat(Samples.question("healthy")));
      assertEquals("x-erp-version", error.fieldViolations().get(0).field());
    }
  }

  @Test
  void aShedCallIsRetriedUntilItIsLetIn() {
    try (GatewayClient gateway = guarded("k-busy")) {
      ChatResponse answer = gateway.withRequestId("b-1").chat(Samples.question("rules"));
      assertEquals("b-1", answer.getInfo().getRequestId());
      try (ChatStream events =
          gateway.withRequestId("b-2").streamChat(Samples.question("rules"))) {
        assertFalse(events.answer().getText().isEmpty());
      }
    }
  }

  @Test
  void aCallThatTheGatewayRetriedInVainIsNotRetriedAgain() {
    int before = STAGE.seen("status-500").size();
    refused("k-erp", Samples.question("no-rules"));
    // the gateway's own two tries, once
    assertTrue(STAGE.seen("status-500").size() - before <= 2);
  }

  @Test
  void theKeyIsAskedForAtEveryCall() {
    String[] key = {"k-stranger"};
    try (GatewayClient gateway =
        GatewayClient.builder()
            .target(STAGE.at("guarded"))
            .plaintext()
            .apiKey(() -> key[0])
            .build()) {
      assertThrows(
          UnauthenticatedException.class, () -> gateway.chat(Samples.question("healthy")));
      key[0] = "k-erp";
      assertFalse(gateway.chat(Samples.question("healthy")).getText().isEmpty());
    }
  }

  @Test
  void anExceptionSurvivesSerialization() throws IOException, ClassNotFoundException {
    GatewayException error = refused("k-spent", Samples.question("healthy"));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new ObjectOutputStream(bytes).writeObject(error);
    Object read = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
    assertEquals(error.retryDelay(), ((QuotaExhaustedException) read).retryDelay());
  }
}
