package com.erpai.gateway.examples;

import com.erpai.gateway.client.ChatStream;
import com.erpai.gateway.client.GatewayClient;
import com.erpai.gateway.v1.ChatMessage;
import com.erpai.gateway.v1.ChatRequest;
import com.erpai.gateway.v1.ChatResponse;
import com.erpai.gateway.v1.Role;
import com.erpai.gateway.v1.StreamChatResponse;

/** A customer's question, answered while the answer is being written. */
public final class StreamChatExample {

  private StreamChatExample() {}

  /**
   * Asks and prints the answer as it comes.
   *
   * @param args the question; one about returns if empty
   */
  public static void main(String[] args) {
    String question = args.length > 0 ? args[0] : "Can I return a bottle that I have opened?";
    ChatRequest request =
        ChatRequest.newBuilder()
            .addMessages(ChatMessage.newBuilder().setRole(Role.ROLE_USER).setText(question))
            .build();
    try (GatewayClient gateway = Connection.open();
        ChatStream events = gateway.streamChat(request)) {
      for (StreamChatResponse event : events) {
        switch (event.getEventCase()) {
          case DELTA -> System.out.print(event.getDelta().getText());
          // what was printed so far counts no more; a screen would be cleared here
          case RESTARTED -> System.out.println("\n-- another model begins anew");
          case COMPLETED -> print(event.getCompleted());
          default -> {}
        }
      }
    }
  }

  private static void print(ChatResponse answer) {
    System.out.println("\n== " + answer.getText());
    System.out.println("-- " + answer.getInfo().getSource());
  }
}
