package com.erpai.gateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A gateway that goes away and comes back, with the settings as shipped. */
class RestartTest {

  private static final int RESTARTS = Integer.getInteger("restarts", 20);
  private static final int CALLERS = 8;
  private static final Stage STAGE = Stage.shared();

  /** The shipped settings; a deadline that a start on a busy machine fits into. */
  private static GatewayClient patient() {
    return GatewayClient.builder()
        .target(STAGE.at("plain"))
        .plaintext()
        .deadline(Duration.ofMinutes(4))
        .streamDeadline(Duration.ofMinutes(4))
        .build();
  }

  @Test
  void noCallFailsOverManyRestartsUnderLoad() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger calls = new AtomicInteger();
    ConcurrentLinkedQueue<GatewayException> failures = new ConcurrentLinkedQueue<>();
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try (GatewayClient gateway = patient()) {
      List<Future<?>> calling = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        boolean streams = caller % 4 == 0;
        calling.add(
            callers.submit(
                () -> {
                  while (!over.get()) {
                    ask(gateway, streams, failures);
                    calls.incrementAndGet();
                  }
                }));
      }
      for (int restart = 0; restart < RESTARTS; restart++) {
        int before = calls.get();
        STAGE.order("restart plain");
        while (calls.get() < before + 20 * CALLERS) {
          Thread.onSpinWait();
        }
      }
      over.set(true);
      for (Future<?> caller : calling) {
        caller.get();
      }
    } finally {
      callers.shutdownNow();
    }
    System.out.printf("%d restarts, %d calls, %d failed%n", RESTARTS, calls.get(), failures.size());
    assertEquals(List.of(), failures.stream().map(GatewayException::getMessage).toList());
    assertTrue(calls.get() > RESTARTS);
  }

  private static void ask(
      GatewayClient gateway, boolean streams, ConcurrentLinkedQueue<GatewayException> failures) {
    try {
      if (streams) {
        try (ChatStream events = gateway.streamChat(Samples.question("paced"))) {
          events.answer();
        }
      } else {
        gateway.chat(Samples.question("healthy"));
      }
    } catch (GatewayException failed) {
      failures.add(failed);
    }
  }

  @Test
  void aUnaryCallOutlivesTheDeathOfItsGateway() {
    try (GatewayClient gateway = patient()) {
      gateway.chat(Samples.question("healthy"));
      int before = STAGE.seen("pace-0.02").size();
      CompletableFuture<?> waiting = gateway.async().chat(Samples.question("paced"));
      while (STAGE.seen("pace-0.02").size() == before) {
        Thread.onSpinWait();
      }
      STAGE.order("kill plain");
      STAGE.order("start plain");
      waiting.join();
    }
  }

  @Test
  void aCallMadeWhileNoGatewayIsThereWaitsForOne() {
    try (GatewayClient gateway = patient()) {
      gateway.chat(Samples.question("healthy"));
      STAGE.order("kill plain");
      CompletableFuture<?> waiting = gateway.async().chat(Samples.question("healthy"));
      STAGE.order("start plain");
      waiting.join();
    }
  }

  @Test
  void aStreamInTheMiddleFailsRatherThanEndShort() {
    try (GatewayClient gateway = patient();
        ChatStream events = gateway.streamChat(Samples.question("endless"))) {
      StreamTest.awaitDelta(events);
      STAGE.order("kill plain");
      GatewayException failed = null;
      try {
        events.answer();
      } catch (GatewayException broken) {
        failed = broken;
      }
      STAGE.order("start plain");
      assertTrue(failed instanceof GatewayUnavailableException, String.valueOf(failed));
      assertFalse(gateway.chat(Samples.question("healthy")).getText().isEmpty());
    }
  }
}
