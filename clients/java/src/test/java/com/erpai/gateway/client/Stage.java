package com.erpai.gateway.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The real gateways and the fault server behind them, shared by all tests of this run. They end with this
 * process, for then their input ends.
 */
final class Stage {

  private static Stage shared;

  private final BufferedReader said;
  private final Writer orders;
  private final Map<String, Object> told;
  private final HttpClient http = HttpClient.newHttpClient();

  private Stage() {
    Path root = Path.of("../..").toAbsolutePath().normalize();
    String python = root.resolve(".venv/bin/python").toString();
    try {
      Process process =
          new ProcessBuilder(python, "-m", "tests.clients")
              .directory(root.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      said = process.inputReader(StandardCharsets.UTF_8);
      orders = process.outputWriter(StandardCharsets.UTF_8);
      String addresses = said.readLine();
      if (addresses == null) {
        throw new IOException("it ended at once");
      }
      told = Json.map(Json.read(addresses));
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot run `python -m tests.clients`; was `make setup` run?", failed);
    }
  }

  static synchronized Stage shared() {
    if (shared == null) {
      shared = new Stage();
    }
    return shared;
  }

  /** The address of a gateway, which is started if it is not running. */
  String at(String gateway) {
    order("start " + gateway);
    return (String) told.get(gateway);
  }

  /** A PEM file: ca, client_certificate, client_key. */
  Path file(String name) {
    return Path.of((String) told.get(name));
  }

  /** A client of the gateway `plain`. */
  GatewayClient client() {
    return GatewayClient.builder().target(at("plain")).plaintext().build();
  }

  /** `restart plain` and the like; back when it is done. */
  synchronized void order(String line) {
    try {
      orders.write(line + "\n");
      orders.flush();
      String answer = said.readLine();
      if (!"done".equals(answer)) {
        throw new IllegalStateException(line + ": " + answer);
      }
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }

  /** The fault server's records of the last calls of a model. */
  List<Map<String, Object>> seen(String model) {
    String query = "/_log?model=" + model.replace("+", "%2B").replace("@", "%40");
    return Json.list(Json.map(Json.read(fetch(query))).get("calls")).stream()
        .map(Json::map)
        .toList();
  }

  /** Asks the fault server again and again until its last record of a model is as wanted. */
  Map<String, Object> awaitSeen(String model, Predicate<Map<String, Object>> wanted) {
    long end = System.nanoTime() + 20_000_000_000L;
    while (System.nanoTime() < end) {
      List<Map<String, Object>> seen = seen(model);
      if (!seen.isEmpty() && wanted.test(seen.get(seen.size() - 1))) {
        return seen.get(seen.size() - 1);
      }
    }
    throw new AssertionError("not seen in 20 s; last: " + seen(model));
  }

  private String fetch(String path) {
    HttpRequest request = HttpRequest.newBuilder(URI.create(told.get("faults") + path)).build();
    try {
      return http.send(request, BodyHandlers.ofString()).body();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }
}
