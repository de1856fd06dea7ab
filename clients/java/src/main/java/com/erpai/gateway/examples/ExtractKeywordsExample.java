package com.erpai.gateway.examples;

import com.erpai.gateway.client.GatewayClient;
import com.erpai.gateway.v1.ExtractKeywordsRequest;
import com.erpai.gateway.v1.ExtractKeywordsResponse;
import com.erpai.gateway.v1.Listing;

/** The best search keywords of a listing. */
public final class ExtractKeywordsExample {

  private ExtractKeywordsExample() {}

  /**
   * Prints five keywords and the line for the marketplace's search-term field.
   *
   * @param args the listing's title; a water bottle's if empty
   */
  public static void main(String[] args) {
    String title =
        args.length > 0 ? args[0] : "Stainless Steel Water Bottle with Straw Lid, 32 oz, Leak Proof";
    ExtractKeywordsRequest request =
        ExtractKeywordsRequest.newBuilder()
            .setListing(
                Listing.newBuilder()
                    .setTitle(title)
                    .addBulletPoints("Keeps drinks cold for 24 hours")
                    .setMarketplace("AMAZON_US"))
            .setMaxKeywords(5)
            .build();
    try (GatewayClient gateway = Connection.open()) {
      ExtractKeywordsResponse found = gateway.extractKeywords(request);
      found.getKeywordsList().forEach(k -> System.out.printf("%.2f %s%n", k.getScore(), k.getText()));
      System.out.println("search terms: " + found.getSearchTerms());
      System.out.println("-- " + found.getInfo().getSource());
    }
  }
}
