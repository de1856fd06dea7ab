package com.erpai.gateway.examples;

import com.erpai.gateway.client.GatewayClient;
import com.erpai.gateway.v1.ChatMessage;
import com.erpai.gateway.v1.ChatRequest;
import com.erpai.gateway.v1.ChatResponse;
import com.erpai.gateway.v1.Role;

/** A customer's question. */
public final class ChatExample {

  private ChatExample() {}

  /**
   * Asks and prints the answer, and where it came from.
   *
   * @param args the question; one about delivery if empty
   */
  public static void main(String[] args) {
    String question = args.length > 0 ? args[0] : "How long does international delivery take?";
    ChatRequest request =
        ChatRequest.newBuilder()
            .addMessages(ChatMessage.newBuilder().setRole(Role.ROLE_USER).setText(question))
            .build();
    try (GatewayClient gateway = Connection.open()) {
      ChatResponse answer = gateway.chat(request);
      System.out.println(answer.getText());
      System.out.println("-- " + answer.getInfo().getSource() + ", " + answer.getAnswerKind());
    }
  }
}
