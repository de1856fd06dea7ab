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
}
