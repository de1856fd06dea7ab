package com.erpai.gateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Replays the golden set, tests/golden, as every client does. */
class GoldenTest {

  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
  private static final long UPSTREAM_NS = 10_000_000_000L;
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Map<String, Server> SERVERS = new HashMap<>();

  /** A gateway that speaks `plain`, `tls` or `mtls`, with its models. */
  private record Server(Process process, Map<String, Object> told) {

    static Server started(String security) {
      try {
        Process process =
            new ProcessBuilder(
                    ROOT.resolve(".venv/bin/python").toString(),
                    "-m",
                    "tests.golden.serve",
                    security)
                .directory(ROOT.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        String line = process.inputReader(StandardCharsets.UTF_8).readLine();
        return new Server(process, Json.map(Json.read(line)));
      } catch (IOException failed) {
        throw new UncheckedIOException(failed);
      }
    }

    String at(String name) {
      return (String) told.get(name);
    }

    GatewayClientBuilder plain() {
      return GatewayClient.builder().target(at("gateway")).plaintext();
    }

    GatewayClientBuilder tls() {
      return GatewayClient.builder().target(at("gateway")).trust(Path.of(at("ca")));
    }

    GatewayClientBuilder mtls() {
      return tls().clientCertificate(Path.of(at("certificate")), Path.of(at("key")));
    }
  }

  @AfterAll
  static void end() throws InterruptedException {
    for (Server server : SERVERS.values()) {
      server.process().destroy();
    }
    for (Server server : SERVERS.values()) {
      server.process().waitFor();
    }
  }

  private static Server server(String security) {
    return SERVERS.computeIfAbsent(security, Server::started);
  }

  @TestFactory
  Stream<DynamicTest> overPlainText() throws IOException {
    Server server = server("plain");
    return cases("").map(file -> test(file, server, new GoldenCaller(server::plain)));
  }

  @TestFactory
  Stream<DynamicTest> overTls() throws IOException {
    Server server = server("tls");
    return cases("(stream|deadline|restart)-")
        .map(file -> test(file, server, new GoldenCaller(server::tls)));
  }

  @TestFactory
  Stream<DynamicTest> overMutualTls() throws IOException {
    Server server = server("mtls");
    return cases("(chat|error)-").map(file -> test(file, server, new GoldenCaller(server::mtls)));
  }

  private static Stream<Path> cases(String prefix) throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("tests/golden/cases"))) {
      List<Path> found =
          files
              .filter(file -> file.getFileName().toString().matches(prefix + ".*\\.json"))
              .sorted()
              .toList();
      assertFalse(found.isEmpty(), "no golden cases " + prefix);
      return found.stream();
    }
  }

  private static DynamicTest test(Path file, Server server, GoldenCaller caller) {
    return DynamicTest.dynamicTest(file.getFileName().toString(), () -> play(file, server, caller));
  }

  private static void play(Path file, Server server, GoldenCaller caller) throws Exception {
    Map<String, Object> one = Json.map(Json.read(Files.readString(file)));
    post(server.at("faults") + "/_up", "");
    post(server.at("faults") + "/_reset", "");
    Deque<AutoCloseable> held = new ArrayDeque<>();
    try {
      int number = 0;
      for (Object step : Json.list(one.get("steps"))) {
        number++;
        String where = "step " + number + ": " + one.get("why");
        assertEquals(List.of(), played(Json.map(step), server, caller, held), where);
      }
    } finally {
      while (!held.isEmpty()) {
        held.pop().close();
      }
    }
  }

  private static List<String> played(
      Map<String, Object> step, Server server, GoldenCaller caller, Deque<AutoCloseable> held)
      throws IOException, InterruptedException {
    if (step.containsKey("server")) {
      int wait = Boolean.FALSE.equals(step.get("wait")) ? 0 : 1;
      post(server.at("control") + "/" + step.get("server") + "?wait=" + wait, "");
    } else if (step.get("faults") instanceof String word) {
      post(server.at("faults") + "/_" + word, "");
    } else if (step.containsKey("faults")) {
      for (Map.Entry<String, Object> each : Json.map(step.get("faults")).entrySet()) {
        Map<String, Object> script = Map.of("model", each.getKey(), "behaviours", each.getValue());
        post(server.at("faults") + "/_script", Json.write(script));
      }
    } else if (step.containsKey("upstream")) {
      return upstream(server, (String) step.get("upstream"), Json.map(step.get("expect")));
    } else if (step.containsKey("hold")) {
      held.push(caller.hold(step));
    } else {
      return called(step, caller);
    }
    return List.of();
  }

  private static List<String> called(Map<String, Object> step, GoldenCaller caller) {
    List<String> wrong = new ArrayList<>();
    Double times = (Double) step.getOrDefault("times", 1.0);
    for (int turn = 0; turn < times; turn++) {
      boolean whole = !step.containsKey("cancel_after");
      wrong.addAll(
          GoldenExpectation.wrong(caller.call(step), Json.map(step.get("expect")), whole));
    }
    return wrong;
  }

  private static List<String> upstream(Server server, String model, Map<String, Object> expect)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + UPSTREAM_NS;
    List<?> calls = List.of();
    while (System.nanoTime() < end) {
      HttpRequest ask =
          HttpRequest.newBuilder(URI.create(server.at("faults") + "/_log?model=" + model)).build();
      String log = HTTP.send(ask, BodyHandlers.ofString()).body();
      calls = Json.list(Json.map(Json.read(log)).get("calls"));
      if (seen(calls, expect)) {
        return List.of();
      }
    }
    return List.of("upstream saw " + calls.size() + " calls, not as " + expect);
  }

  private static boolean seen(List<?> calls, Map<String, Object> expect) {
    boolean hungUp =
        !calls.isEmpty() && Json.map(calls.get(calls.size() - 1)).get("hung_up_s") != null;
    boolean over =
        calls.stream()
            .map(Json::map)
            .allMatch(call -> call.get("finished_s") != null || call.get("hung_up_s") != null);
    return (!expect.containsKey("calls") || (Double) expect.get("calls") == calls.size())
        && (!expect.containsKey("hung_up") || expect.get("hung_up").equals(hungUp))
        && (!expect.containsKey("over") || expect.get("over").equals(over));
  }

  private static void post(String url, String body) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .POST(BodyPublishers.ofString(body))
            .header("content-type", "application/json")
            .build();
    HttpResponse<String> reply = HTTP.send(request, BodyHandlers.ofString());
    assertEquals(200, reply.statusCode(), url + ": " + reply.body());
  }
}
