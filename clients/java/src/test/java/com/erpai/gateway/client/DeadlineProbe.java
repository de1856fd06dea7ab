package com.erpai.gateway.client;

import com.erpai.gateway.v1.ChatMessage;
import com.erpai.gateway.v1.ChatRequest;
import com.erpai.gateway.v1.RequestOptions;
import com.erpai.gateway.v1.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long after its deadline a call ends that nobody answers; {@code python -m
 * benchmarks.deadlines} runs it. Arguments: target, calls, deadline in seconds, label. Prints one
 * line of JSON.
 */
final class DeadlineProbe {

  private DeadlineProbe() {}

  /** Measures. */
  public static void main(String[] arguments) {
    Duration deadline = Duration.ofMillis(Math.round(Double.parseDouble(arguments[2]) * 1000));
    ChatRequest request =
        ChatRequest.newBuilder()
            .addMessages(ChatMessage.newBuilder().setRole(Role.ROLE_USER).setText("Hello?"))
            .setOptions(RequestOptions.newBuilder().putLabels("golden", arguments[3]))
            .build();
    Map<String, Object> over = new TreeMap<>();
    try (GatewayClient gateway =
        GatewayClient.builder()
            .target(arguments[0])
            .plaintext()
            .deadline(deadline)
            .streamDeadline(deadline)
            .build()) {
      Runnable stream =
          () -> {
            try (ChatStream events = gateway.streamChat(request)) {
              events.answer();
            }
          };
      int calls = Integer.parseInt(arguments[1]);
      over.put("unary", measured(() -> gateway.chat(request), calls, deadline));
      over.put("stream", measured(stream, calls, deadline));
    }
    System.out.println(Json.write(over));
  }

  private static List<Object> measured(Runnable call, int calls, Duration deadline) {
    List<Object> over = new ArrayList<>();
    for (int number = 0; number < calls; number++) {
      long began = System.nanoTime();
      try {
        call.run();
        throw new IllegalStateException("the call was answered");
      } catch (DeadlineExceededException | GatewayUnavailableException ended) {
        over.add((System.nanoTime() - began - deadline.toNanos()) / 1e6);
      }
    }
    return over;
  }
}
