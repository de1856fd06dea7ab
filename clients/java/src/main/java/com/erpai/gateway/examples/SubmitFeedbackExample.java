package com.erpai.gateway.examples;

import com.erpai.gateway.client.GatewayClient;
import com.erpai.gateway.client.GatewayException;
import com.erpai.gateway.v1.Rating;
import com.erpai.gateway.v1.SubmitFeedbackRequest;

/** What people thought of an answer. */
public final class SubmitFeedbackExample {

  private SubmitFeedbackExample() {}

  /**
   * Rates an answer, and shows what a typed error tells.
   *
   * @param args the answer's request id
   */
  public static void main(String[] args) {
    SubmitFeedbackRequest request =
        SubmitFeedbackRequest.newBuilder()
            .setRequestId(args.length > 0 ? args[0] : "example-1")
            .setRating(Rating.RATING_UP)
            .build();
    try (GatewayClient gateway = Connection.open()) {
      System.out.println("matched: " + gateway.submitFeedback(request).getMatched());
    } catch (GatewayException failed) {
      System.out.println(failed.code() + " " + failed.reason() + " " + failed.requestId());
    }
  }
}
