package com.erpai.gateway.examples;

import com.erpai.gateway.client.GatewayClient;
import com.erpai.gateway.v1.DetectAnomalyRequest;
import com.erpai.gateway.v1.DetectAnomalyResponse;
import com.erpai.gateway.v1.Interval;
import com.erpai.gateway.v1.Measure;
import com.erpai.gateway.v1.Point;
import com.erpai.gateway.v1.Series;
import com.google.protobuf.Timestamp;
import java.time.Duration;
import java.time.Instant;

/** The unusual days of a sales series. */
public final class DetectAnomalyExample {

  private static final int DAYS = 90;

  private DetectAnomalyExample() {}

  /**
   * Makes three months of sales whose last day is four times as high as usual, and has it judged.
   *
   * @param args not used
   */
  public static void main(String[] args) {
    DetectAnomalyRequest request = DetectAnomalyRequest.newBuilder().setSeries(series()).build();
    try (GatewayClient gateway = Connection.open()) {
      DetectAnomalyResponse judged = gateway.detectAnomaly(request);
      judged
          .getAnomaliesList()
          .forEach(a -> System.out.println(a.getKind() + ": " + a.getExplanation()));
      System.out.println(judged.getSummary());
      System.out.println("-- " + judged.getInfo().getSource());
    }
  }

  private static Series series() {
    Series.Builder series =
        Series.newBuilder()
            .setSeriesId("sku-1")
            .setInterval(Interval.INTERVAL_DAY)
            .setMeasure(Measure.MEASURE_COUNT)
            .setUnit("pcs");
    Instant first = Instant.parse("2026-01-01T00:00:00Z");
    for (int day = 0; day < DAYS; day++) {
      double usual = 100 + day % 7 * 10;
      Instant time = first.plus(Duration.ofDays(day));
      series.addPoints(
          Point.newBuilder()
              .setTime(Timestamp.newBuilder().setSeconds(time.getEpochSecond()))
              .setValue(day == DAYS - 1 ? usual * 4 : usual));
    }
    return series.build();
  }
}
