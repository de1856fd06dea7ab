package com.erpai.gateway.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a golden case expects of a call. */
final class GoldenExpectation {

  private GoldenExpectation() {}

  /** What does not hold. {@code whole}: the call was not cut off on purpose. */
  static List<String> wrong(
      GoldenCaller.Outcome outcome, Map<String, Object> expect, boolean whole) {
    List<String> told = new ArrayList<>();
    GatewayException error = outcome.error();
    String status = error == null ? "OK" : error.code().name();
    Object wanted = expect.getOrDefault("status", "OK");
    if (!(wanted instanceof List<?> several ? several.contains(status) : wanted.equals(status))) {
      return List.of("status is " + status + ", not " + wanted + ": " + error);
    }
    if (error != null) {
      told.addAll(wrongError(error, outcome.requestId(), expect));
    }
    told.addAll(
        GoldenMatcher.unmatched(outcome.response(), Json.map(expect.get("response"))));
    if (outcome.response() != null && outcome.response().containsKey("info")) {
      check(told, GoldenMatcher.at(outcome.response(), "info.requestId"), outcome.requestId());
    }
    told.addAll(wrongEvents(outcome, expect, whole));
    return told;
  }

  private static List<String> wrongError(
      GatewayException error, String id, Map<String, Object> expect) {
    List<String> told = new ArrayList<>();
    if (expect.containsKey("reason")) {
      check(told, error.reason(), expect.get("reason"));
      check(told, error.metadata().get("request_id"), id);
    }
    Json.map(expect.get("metadata"))
        .forEach(
            (name, matcher) -> {
              if (!GoldenMatcher.matches(error.metadata().get(name), matcher)) {
                told.add(name + " is " + error.metadata().get(name) + ", not " + matcher);
              }
            });
    if (expect.containsKey("violations")) {
      check(
          told,
          error.fieldViolations().stream().map(FieldViolation::field).toList(),
          expect.get("violations"));
    }
    List<?> texts = Json.list(expect.get("violation_texts"));
    for (int n = 0; n < Math.min(texts.size(), error.fieldViolations().size()); n++) {
      String text = error.fieldViolations().get(n).description();
      if (!GoldenMatcher.matches(text, texts.get(n))) {
        told.add(text + " does not match " + texts.get(n));
      }
    }
    if (Boolean.TRUE.equals(expect.get("retry_info")) && error.retryDelay().isEmpty()) {
      told.add("there is no RetryInfo");
    }
    return told;
  }

  private static List<String> wrongEvents(
      GoldenCaller.Outcome outcome, Map<String, Object> expect, boolean whole) {
    List<String> told = new ArrayList<>();
    List<Map<String, Object>> events = outcome.events();
    if (!events.isEmpty() && outcome.error() == null && whole) {
      Object text = GoldenMatcher.at(events.get(events.size() - 1), "completed.text");
      check(told, sinceRestart(events), text);
    }
    List<Map<String, Object>> kinds = new ArrayList<>();
    for (Map<String, Object> event : events) {
      boolean again = !kinds.isEmpty() && kinds.get(kinds.size() - 1).containsKey("delta");
      if (!(again && event.containsKey("delta"))) {
        kinds.add(event);
      }
    }
    List<?> wanted = Json.list(expect.get("events"));
    if (expect.containsKey("events")) {
      check(
          told,
          kinds.stream().map(GoldenExpectation::kind).toList(),
          wanted.stream().map(GoldenExpectation::kind).toList());
    }
    for (int n = 0; told.isEmpty() && n < wanted.size(); n++) {
      if (wanted.get(n) instanceof Map<?, ?> item) {
        String kind = kind(item);
        told.addAll(
            GoldenMatcher.unmatched(kinds.get(n).get(kind), Json.map(item.get(kind))));
      }
    }
    return told;
  }

  private static String kind(Object item) {
    return item instanceof Map<?, ?> map ? (String) map.keySet().iterator().next() : (String) item;
  }

  private static String sinceRestart(List<Map<String, Object>> events) {
    StringBuilder text = new StringBuilder();
    for (Map<String, Object> event : events) {
      if (event.containsKey("restarted")) {
        text.setLength(0);
      }
      text.append(Objects.requireNonNullElse(GoldenMatcher.at(event, "delta.text"), ""));
    }
    return text.toString().strip();
  }

  private static void check(List<String> told, Object value, Object wanted) {
    if (!Objects.equals(value, wanted)) {
      told.add("it is " + value + ", not " + wanted);
    }
  }
}
