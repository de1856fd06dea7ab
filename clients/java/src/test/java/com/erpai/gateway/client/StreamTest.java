package com.erpai.gateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.erpai.gateway.v1.ChatResponse;
import com.erpai.gateway.v1.Source;
import com.erpai.gateway.v1.StreamChatResponse;
import com.erpai.gateway.v1.StreamChatResponse.EventCase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Streams against the real gateway. */
class StreamTest {

  private static final String ENDLESS = "endless+pace-0.02";
  private static final Stage STAGE = Stage.shared();
  private static GatewayClient gateway;

  @BeforeAll
  static void connect() {
    gateway = STAGE.client();
  }

  @AfterAll
  static void disconnect() {
    gateway.close();
  }

  @Test
  void eventsComeInOrderAndEndWithTheWholeAnswer() {
    List<EventCase> cases = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    try (ChatStream events = gateway.streamChat(Samples.question("paced"))) {
      for (StreamChatResponse event : events) {
        cases.add(event.getEventCase());
        text.append(event.getDelta().getText());
      }
      assertEquals(events.answer().getText(), text.toString().strip());
      assertThrows(NoSuchElementException.class, events::next);
    }
    assertEquals(EventCase.STARTED, cases.get(0));
    assertEquals(EventCase.COMPLETED, cases.get(cases.size() - 1));
    assertTrue(cases.stream().filter(EventCase.DELTA::equals).count() > 1, cases.toString());
  }

  @Test
  void theIdIsKnownBeforeAnythingCame() {
    try (ChatStream events =
        gateway.withRequestId("s-1").streamChat(Samples.question("healthy"))) {
      assertEquals("s-1", events.requestId());
      assertEquals("s-1", events.next().getStarted().getRequestId());
      assertEquals("s-1", events.answer().getInfo().getRequestId());
    }
  }

  @Test
  void aRestartEmptiesWhatIsShownAndTheAnswerIsTheSecondModels() {
    List<String> shown = new ArrayList<>();
    try (ChatStream events = gateway.streamChat(Samples.question("restarted"))) {
      ChatResponse answer = events.follow(shown::add);
      assertEquals("spare", answer.getInfo().getDeployment());
      assertEquals(answer.getText(), shown.get(shown.size() - 1));
    }
    assertTrue(shown.indexOf("") > 0, shown.toString());
  }

  @Test
  void anAnswerThatBreaksOffThrowsAndStaysBroken() {
    try (ChatStream events = gateway.streamChat(Samples.question("truncated"))) {
      GatewayUnavailableException error =
          assertThrows(GatewayUnavailableException.class, events::answer);
      assertEquals("ALL_MODELS_FAILED", error.reason());
      assertThrows(GatewayUnavailableException.class, events::hasNext);
    }
  }

  @Test
  void rulesCompleteAStreamThatNoModelCan() {
    try (ChatStream events = gateway.streamChat(Samples.question("rules"))) {
      assertEquals(Source.SOURCE_RULES, events.answer().getInfo().getSource());
    }
  }

  @Test
  void closingEarlyHangsUpOnTheModel() {
    try (ChatStream events = gateway.streamChat(Samples.question("endless"))) {
      awaitDelta(events);
    }
    STAGE.awaitSeen(ENDLESS, CallsTest::hungUp);
  }

  @Test
  void aCompleteStreamIsNotHungUpOn() {
    try (ChatStream events = gateway.streamChat(Samples.question("healthy"))) {
      events.answer();
    }
    Map<String, Object> call = STAGE.awaitSeen("ok", CallsTest::hasEnded);
    assertFalse(CallsTest.hungUp(call), call.toString());
  }

  @Test
  void aDeadlineEndsAStreamInTheMiddleAndHangsUp() {
    Gateway hurried = gateway.withDeadline(Duration.ofSeconds(2));
    try (ChatStream events = hurried.streamChat(Samples.question("endless-no-rules"))) {
      awaitDelta(events);
      assertThrows(GatewayException.class, events::answer);
    }
    STAGE.awaitSeen(ENDLESS, CallsTest::hungUp);
  }

  @Test
  void theRulesCompleteAStreamWhoseDeadlineComesNear() {
    Gateway hurried = gateway.withDeadline(Duration.ofSeconds(2));
    try (ChatStream events = hurried.streamChat(Samples.question("endless"))) {
      assertEquals(Source.SOURCE_RULES, events.answer().getInfo().getSource());
    }
  }

  @Test
  void interruptingTheReaderCancelsTheStream() throws InterruptedException {
    CompletableFuture<GatewayException> seen = new CompletableFuture<>();
    CompletableFuture<Void> reading = new CompletableFuture<>();
    Thread reader =
        new Thread(
            () -> {
              ChatStream events = gateway.streamChat(Samples.question("endless"));
              awaitDelta(events);
              reading.complete(null);
              seen.complete(assertThrows(CallCancelledException.class, events::answer));
            });
    reader.start();
    reading.join();
    reader.interrupt();
    assertInstanceOf(InterruptedException.class, seen.join().getCause());
    reader.join();
    STAGE.awaitSeen(ENDLESS, CallsTest::hungUp);
  }

  @Test
  void closingFromAnotherThreadWakesTheReader() {
    ChatStream events = gateway.streamChat(Samples.question("endless"));
    awaitDelta(events);
    CompletableFuture<Void> closing = CompletableFuture.runAsync(events::close);
    assertThrows(CallCancelledException.class, events::answer);
    closing.join();
  }

  @Test
  void anAsynchronousStreamHandsOnEventsAndThenTheAnswer() {
    List<EventCase> cases = new ArrayList<>();
    ChatResponse answer =
        gateway
            .async()
            .streamChat(Samples.question("healthy"), event -> cases.add(event.getEventCase()))
            .join();
    assertFalse(answer.getText().isEmpty());
    assertEquals(EventCase.COMPLETED, cases.get(cases.size() - 1));
  }

  @Test
  void anExceptionInTheCallersOwnCodeEndsTheStream() {
    CompletableFuture<ChatResponse> answer =
        gateway
            .async()
            .streamChat(
                Samples.question("endless"),
                event -> {
                  if (event.hasDelta()) {
                    throw new IllegalStateException("the screen is gone");
                  }
                });
    Throwable cause = assertThrows(CompletionException.class, answer::join).getCause();
    assertEquals("the screen is gone", cause.getMessage());
    STAGE.awaitSeen(ENDLESS, CallsTest::hungUp);
  }

  static void awaitDelta(ChatStream events) {
    while (!events.next().hasDelta()) {
      continue;
    }
  }
}
