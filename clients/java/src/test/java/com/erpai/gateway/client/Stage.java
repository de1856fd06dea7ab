package com.erpai.gateway.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/**
 * The real gateways and the fault server behind them, shared by all tests of this run. They end with this
 * process, for then their input ends.
 */
final class Stage {

  private static Stage shared;

  private final BufferedReader said;
  private final Writer orders;
  private final Struct told;
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
      told = json(addresses);
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
    return told.getFieldsOrThrow(gateway).getStringValue();
  }

  /** A PEM file: ca, client_certificate, client_key. */
  Path file(String name) {
    return Path.of(told.getFieldsOrThrow(name).getStringValue());
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

  /** What the fault server's next calls of a model get: behaviours by name, the last for ever. */
  void script(String model, String... behaviours) {
    Struct.Builder order = Struct.newBuilder().putFields("model", text(model));
    Value.Builder list = Value.newBuilder();
    for (String behaviour : behaviours) {
      list.getListValueBuilder().addValues(text(behaviour));
    }
    fetch("/_script", print(order.putFields("behaviours", list.build()).build()));
  }

  /** The fault server's records of the last calls of a model. */
  List<Struct> seen(String model) {
    Struct log = json(fetch("/_log?model=" + model.replace("+", "%2B").replace("@", "%40"), null));
    return log.getFieldsOrThrow("calls").getListValue().getValuesList().stream()
        .map(Value::getStructValue)
        .toList();
  }

  /** Asks the fault server again and again until its last record of a model is as wanted. */
  Struct awaitSeen(String model, Predicate<Struct> wanted) {
    long end = System.nanoTime() + 20_000_000_000L;
    while (System.nanoTime() < end) {
      List<Struct> seen = seen(model);
      if (!seen.isEmpty() && wanted.test(seen.get(seen.size() - 1))) {
        return seen.get(seen.size() - 1);
      }
    }
    throw new AssertionError("not seen in 20 s; last: " + seen(model));
  }

  private String fetch(String path, String body) {
    URI uri = URI.create(told.getFieldsOrThrow("faults").getStringValue() + path);
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    if (body != null) {
      request.POST(BodyPublishers.ofString(body)).header("content-type", "application/json");
    }
    try {
      return http.send(request.build(), BodyHandlers.ofString()).body();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }

  private static Struct json(String text) {
    try {
      Struct.Builder made = Struct.newBuilder();
      JsonFormat.parser().merge(text, made);
      return made.build();
    } catch (InvalidProtocolBufferException wrong) {
      throw new UncheckedIOException(text, wrong);
    }
  }

  private static String print(Struct value) {
    try {
      return JsonFormat.printer().print(value);
    } catch (InvalidProtocolBufferException wrong) {
      throw new UncheckedIOException(wrong);
    }
  }
}
