package com.erpai.gateway.examples;

import com.erpai.gateway.client.GatewayClient;
import com.erpai.gateway.v1.ExtractKeywordsRequest;
import com.erpai.gateway.v1.ExtractKeywordsResponse;
import com.erpai.gateway.v1.Listing;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Several listings at once over one connection. */
public final class AsyncExample {

  private AsyncExample() {}

  /**
   * Prints the search terms of three listings.
   *
   * @param args titles; three of ours if empty
   */
  public static void main(String[] args) {
    List<String> titles =
        args.length > 0
            ? List.of(args)
            : List.of("Yoga Mat Non Slip 6 mm", "Cast Iron Skillet 12 inch", "USB C Cable 2 m Braided");
    try (GatewayClient gateway = Connection.open()) {
      List<CompletableFuture<ExtractKeywordsResponse>> begun =
          titles.stream().map(title -> gateway.async().extractKeywords(request(title))).toList();
      begun.forEach(answer -> System.out.println(answer.join().getSearchTerms()));
    }
  }

  private static ExtractKeywordsRequest request(String title) {
    return ExtractKeywordsRequest.newBuilder()
        .setListing(Listing.newBuilder().setTitle(title))
        .build();
  }
}
