package com.erpai.gateway.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The paths and matchers of tests/golden/README.md, over JSON as maps, lists, texts and numbers. */
final class GoldenMatcher {

  private GoldenMatcher() {}

  /** What does not hold; empty when all does. */
  static List<String> unmatched(Object value, Map<String, Object> expected) {
    List<String> told = new ArrayList<>();
    expected.forEach(
        (path, matcher) -> {
          Object found = at(value, path);
          if (!matches(found, matcher)) {
            told.add(path + " is " + found + ", which does not match " + matcher);
          }
        });
    return told;
  }

  /** What stands at a path; null where nothing does. */
  static Object at(Object value, String path) {
    Object here = value;
    for (String step : path.split("\\.")) {
      if (here instanceof Map<?, ?> map) {
        here = map.get(step);
      } else if (here instanceof List<?> list && step.matches("\\d+")) {
        int index = Integer.parseInt(step);
        here = index < list.size() ? list.get(index) : null;
      } else {
        return null;
      }
    }
    return here;
  }

  static boolean matches(Object value, Object matcher) {
    if (matcher instanceof Map<?, ?> several) {
      return several.entrySet().stream()
          .allMatch(one -> holds(value, (String) one.getKey(), one.getValue()));
    }
    return same(value, matcher);
  }

  private static boolean holds(Object value, String name, Object wanted) {
    return switch (name) {
      case "size" -> size(value) == (Double) wanted;
      case "min_size" -> size(value) >= (Double) wanted;
      case "min" -> number(value) >= (Double) wanted;
      case "max" -> number(value) <= (Double) wanted;
      case "contains" -> contains(value, wanted);
      case "one_of" -> ((List<?>) wanted).stream().anyMatch(one -> same(value, one));
      case "not" -> !same(value, wanted);
      default -> throw new IllegalArgumentException("no matcher " + name);
    };
  }

  private static boolean same(Object value, Object wanted) {
    return isZero(value) || isZero(wanted)
        ? isZero(value) && isZero(wanted)
        : value.equals(wanted);
  }

  private static boolean isZero(Object value) {
    return value == null
        || value.equals("")
        || value.equals("0")
        || value.equals(false)
        || value instanceof Double number && number == 0;
  }

  private static boolean contains(Object value, Object wanted) {
    return value instanceof List<?> list
        ? list.contains(wanted)
        : value instanceof String text && text.contains((String) wanted);
  }

  private static double size(Object value) {
    return value instanceof List<?> list
        ? list.size()
        : value instanceof Map<?, ?> map ? map.size() : 0;
  }

  private static double number(Object value) {
    return value == null ? 0 : Double.parseDouble(value.toString());
  }
}
