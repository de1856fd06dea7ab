package com.erpai.gateway.client;

import java.time.Duration;

/** Refuses wrong settings by name, where they are made. */
final class Checks {

  private Checks() {}

  static void positive(String name, Duration value) {
    if (value == null || value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException(name + " must be greater than zero, not " + value);
    }
  }

  static void filled(String name, String value) {
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(name + " must not be empty");
    }
  }

  /**
   * A value that a header can hold. gRPC would send `?` for other letters, so that two ids become one, and
   * drop values with line ends, while its log shows them whole. The message does not, for it may be a key.
   */
  static void printable(String name, String value) {
    filled(name, value);
    if (!value.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw new IllegalArgumentException(
          name + " may hold printable ASCII characters only: is there a line end in it?");
    }
  }
}
