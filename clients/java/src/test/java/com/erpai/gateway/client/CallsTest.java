package com.erpai.gateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.erpai.gateway.v1.AnomalyKind;
import com.erpai.gateway.v1.AnswerBy;
import com.erpai.gateway.v1.ChatResponse;
import com.erpai.gateway.v1.DegradeReason;
import com.erpai.gateway.v1.DetectAnomalyResponse;
import com.erpai.gateway.v1.ExtractKeywordsRequest;
import com.erpai.gateway.v1.ExtractKeywordsResponse;
import com.erpai.gateway.v1.GatewayServiceGrpc;
import com.erpai.gateway.v1.RequestOptions;
import com.erpai.gateway.v1.Source;
import com.erpai.gateway.v1.SubmitFeedbackRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every call against the real gateway, blocking and as futures. */
class CallsTest {

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
  void chatIsAnsweredByAModel() {
    ChatResponse answer = gateway.chat(Samples.question("healthy"));
    assertFalse(answer.getText().isEmpty());
    assertEquals(Source.SOURCE_MODEL, answer.getInfo().getSource());
    assertEquals("healthy", answer.getInfo().getDeployment());
    assertEquals(120, answer.getInfo().getUsage().getInputTokens());
  }

  @Test
  void chineseTextArrivesWhole() {
    String text = gateway.chat(Samples.question("chinese")).getText();
    assertTrue(text.codePoints().anyMatch(Character::isIdeographic), text);
    assertFalse(text.contains("\uFFFD"), text);
  }

  @Test
  void theSpareAnswersWhereTheFirstFails() {
    ChatResponse answer = gateway.chat(Samples.question("fallback"));
    assertEquals("spare", answer.getInfo().getDeployment());
    assertEquals(DegradeReason.DEGRADE_REASON_FALLBACK_MODEL, answer.getInfo().getDegradeReason());
  }

  @Test
  void rulesAnswerWhereEveryModelFails() {
    ChatResponse answer = gateway.chat(Samples.question("rules"));
    assertEquals(Source.SOURCE_RULES, answer.getInfo().getSource());
    assertEquals(DegradeReason.DEGRADE_REASON_MODELS_FAILED, answer.getInfo().getDegradeReason());
    assertFalse(answer.getText().isEmpty());
  }

  @Test
  void rulesOnlyAsksNoModel() {
    ChatResponse answer =
        gateway.chat(Samples.question("healthy", AnswerBy.ANSWER_BY_RULES_ONLY));
    assertEquals(Source.SOURCE_RULES, answer.getInfo().getSource());
    assertEquals(0, answer.getInfo().getAttemptsCount());
  }

  @Test
  void keywordsAreExtracted() {
    ExtractKeywordsResponse found = gateway.extractKeywords(byRules());
    assertEquals(5, found.getKeywordsCount());
    assertFalse(found.getSearchTerms().isEmpty());
    assertFalse(found.getInfo().getRequestId().isEmpty());
  }

  @Test
  void anomaliesAreDetected() {
    DetectAnomalyResponse judged = gateway.detectAnomaly(Samples.series(90));
    assertEquals(1, judged.getAnomaliesCount());
    assertEquals(AnomalyKind.ANOMALY_KIND_SPIKE, judged.getAnomalies(0).getKind());
  }

  @Test
  void aSeriesOfTwentyThousandPointsFits() {
    DetectAnomalyResponse judged = gateway.detectAnomaly(Samples.series(20_000));
    assertFalse(judged.getInfo().getRequestId().isEmpty());
  }

  @Test
  void feedbackIsTakenOrSaidToBeNotOffered() {
    SubmitFeedbackRequest request = SubmitFeedbackRequest.newBuilder().setRequestId("r-1").build();
    try {
      assertFalse(gateway.submitFeedback(request).getMatched());
    } catch (GatewayException notYet) {
      assertEquals("UNIMPLEMENTED", notYet.reason());
    }
  }

  @Test
  void theRequestIdSentIsTheOneAnswered() {
    ChatResponse answer =
        gateway.withRequestId("order-7:1").chat(Samples.question("rules"));
    assertEquals("order-7:1", answer.getInfo().getRequestId());
  }

  @Test
  void everyCallHasARequestIdOfItsOwn() {
    String first = gateway.chat(Samples.question("healthy")).getInfo().getRequestId();
    String second = gateway.chat(Samples.question("healthy")).getInfo().getRequestId();
    assertEquals(36, first.length());
    assertFalse(first.equals(second));
  }

  @Test
  void aFutureBringsTheAnswer() {
    CompletableFuture<ChatResponse> chat = gateway.async().chat(Samples.question("healthy"));
    CompletableFuture<ExtractKeywordsResponse> keywords = gateway.async().extractKeywords(byRules());
    CompletableFuture<DetectAnomalyResponse> anomaly =
        gateway.async().detectAnomaly(Samples.series(30));
    assertEquals("healthy", chat.join().getInfo().getDeployment());
    assertEquals(5, keywords.join().getKeywordsCount());
    assertFalse(anomaly.join().getSummary().isEmpty());
  }

  @Test
  void aFailedFutureHoldsTheTypedException() {
    CompletableFuture<ChatResponse> failing =
        gateway.withRequestId("f-1").async().chat(Samples.question("no-rules"));
    Throwable cause = assertThrows(CompletionException.class, failing::join).getCause();
    GatewayUnavailableException error = assertInstanceOf(GatewayUnavailableException.class, cause);
    assertEquals("ALL_MODELS_FAILED", error.reason());
    assertEquals("f-1", error.requestId());
  }

  @Test
  void cancellingAFutureHangsUpOnTheModel() {
    CompletableFuture<ChatResponse> waiting = gateway.async().chat(Samples.question("silent"));
    STAGE.awaitSeen("silent", call -> !hasEnded(call));
    waiting.cancel(false);
    STAGE.awaitSeen("silent", CallsTest::hungUp);
  }

  @Test
  void aFutureThatTimesOutHangsUpOnTheModel() {
    CompletableFuture<ChatResponse> waiting = gateway.async().chat(Samples.question("silent"));
    STAGE.awaitSeen("silent", call -> !hasEnded(call));
    waiting.orTimeout(1, TimeUnit.MILLISECONDS);
    STAGE.awaitSeen("silent", CallsTest::hungUp);
    assertTrue(waiting.isCompletedExceptionally());
  }

  @Test
  void aDeadlineEndsACallThatNothingAnswers() {
    Gateway hurried = gateway.withDeadline(Duration.ofMillis(400));
    GatewayException error =
        assertThrows(GatewayException.class, () -> hurried.chat(Samples.question("silent")));
    // whichever clock is first: the gateway's, whose models failed in the time, or this side's
    assertTrue(
        Set.of("ALL_MODELS_FAILED", "DEADLINE_EXCEEDED", "").contains(error.reason()),
        error.getMessage());
  }

  @Test
  void withRulesAShortDeadlineIsAnsweredInTime() {
    ChatResponse answer =
        gateway.withDeadline(Duration.ofSeconds(2)).chat(Samples.question("silent-rules"));
    assertEquals(Source.SOURCE_RULES, answer.getInfo().getSource());
  }

  @Test
  void interruptingTheThreadCancelsTheCall() throws InterruptedException {
    CompletableFuture<Throwable> seen = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                gateway.chat(Samples.question("silent"));
              } catch (CallCancelledException cancelled) {
                seen.complete(Thread.currentThread().isInterrupted() ? cancelled : null);
              }
            });
    caller.start();
    STAGE.awaitSeen("silent", call -> !hasEnded(call));
    caller.interrupt();
    assertInstanceOf(CallCancelledException.class, seen.join());
    caller.join();
    STAGE.awaitSeen("silent", CallsTest::hungUp);
  }

  @Test
  void generatedStubsWorkOverTheSameChannel() {
    ChatResponse answer =
        GatewayServiceGrpc.newBlockingStub(gateway.channel())
            .withDeadlineAfter(20, TimeUnit.SECONDS)
            .chat(Samples.question("healthy"));
    assertEquals(36, answer.getInfo().getRequestId().length());
  }

  static boolean hasEnded(Map<String, Object> call) {
    return call.get("finished_s") != null || hungUp(call);
  }

  static boolean hungUp(Map<String, Object> call) {
    return call.get("hung_up_s") != null;
  }

  private static ExtractKeywordsRequest byRules() {
    return Samples.listing().toBuilder()
        .setOptions(RequestOptions.newBuilder().setAnswerBy(AnswerBy.ANSWER_BY_RULES_ONLY))
        .build();
  }
}
