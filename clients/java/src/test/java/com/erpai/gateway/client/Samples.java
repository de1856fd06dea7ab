package com.erpai.gateway.client;

import com.erpai.gateway.v1.AnswerBy;
import com.erpai.gateway.v1.ChatMessage;
import com.erpai.gateway.v1.ChatRequest;
import com.erpai.gateway.v1.DetectAnomalyRequest;
import com.erpai.gateway.v1.ExtractKeywordsRequest;
import com.erpai.gateway.v1.Listing;
import com.erpai.gateway.v1.Point;
import com.erpai.gateway.v1.RequestOptions;
import com.erpai.gateway.v1.Role;
import com.erpai.gateway.v1.Series;
import com.google.protobuf.Timestamp;

/** Requests that tests send. */
final class Samples {

  private static final long FIRST_DAY_S = 1_699_920_000L;
  private static final long DAY_S = 86_400;

  private Samples() {}

  /** A question that takes the route of a case in tests/clients/gateway.yaml. */
  static ChatRequest question(String routeCase) {
    return question(routeCase, AnswerBy.ANSWER_BY_UNSPECIFIED);
  }

  static ChatRequest question(String routeCase, AnswerBy by) {
    return ChatRequest.newBuilder()
        .addMessages(
            ChatMessage.newBuilder()
                .setRole(Role.ROLE_USER)
                .setText("How long does delivery to Germany take?"))
        .setOptions(RequestOptions.newBuilder().putLabels("case", routeCase).setAnswerBy(by))
        .build();
  }

  static ExtractKeywordsRequest listing() {
    return ExtractKeywordsRequest.newBuilder()
        .setListing(
            Listing.newBuilder()
                .setTitle("Stainless Steel Water Bottle with Straw Lid, 32 oz, Leak Proof"))
        .build();
  }

  static DetectAnomalyRequest series(int days) {
    Series.Builder series = Series.newBuilder().setSeriesId("s").setUnit("pcs");
    for (int day = 0; day < days; day++) {
      series.addPoints(
          Point.newBuilder()
              .setTime(Timestamp.newBuilder().setSeconds(FIRST_DAY_S + day * DAY_S))
              .setValue(day == days - 1 ? 1000 : 100 + day % 7 * 10));
    }
    return DetectAnomalyRequest.newBuilder().setSeries(series).build();
  }
}
