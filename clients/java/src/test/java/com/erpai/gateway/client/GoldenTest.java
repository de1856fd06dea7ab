package com.erpai.gateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
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
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Replays the golden set, tests/golden, as every client does. */
class GoldenTest {

  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
  private static final long UPSTREAM_NS = 10_000_000_000L;
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static Process process;
  private static Map<String, Object> told;

  @BeforeAll
  static void serve() throws IOException {
    process =
        new ProcessBuilder(
                ROOT.resolve(".venv/bin/python").toString(), "-m", "tests.golden.serve")
            .directory(ROOT.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
    told = Json.map(Json.read(process.inputReader(StandardCharsets.UTF_8).readLine()));
  }

  @AfterAll
  static void end() throws InterruptedException {
    process.destroy();
    process.waitFor();
  }

  private static String at(String name) {
    return (String) told.get(name);
  }

  private static GatewayClientBuilder plain() {
    return GatewayClient.builder().target(at("gateway")).plaintext();
  }

  private static GatewayClientBuilder tls(String name) {
    return GatewayClient.builder().target(at(name)).trust(Path.of(at("ca")));
  }

  private static GatewayClientBuilder mtls() {
    return tls("mtls").clientCertificate(Path.of(at("certificate")), Path.of(at("key")));
  }

  @TestFactory
  Stream<DynamicTest> overPlainText() throws IOException {
    return cases("").map(file -> test(file, new GoldenCaller(GoldenTest::plain)));
  }

  @TestFactory
  Stream<DynamicTest> overTls() throws IOException {
    return cases("stream-").map(file -> test(file, new GoldenCaller(() -> tls("tls"))));
  }

  @TestFactory
  Stream<DynamicTest> overMutualTls() throws IOException {
    return cases("error-").map(file -> test(file, new GoldenCaller(GoldenTest::mtls)));
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

  private static DynamicTest test(Path file, GoldenCaller caller) {
    return DynamicTest.dynamicTest(file.getFileName().toString(), () -> play(file, caller));
  }

  private static void play(Path file, GoldenCaller caller) throws Exception {
    Map<String, Object> one = Json.map(Json.read(Files.readString(file)));
    post(at("faults") + "/_up", "");
    post(at("faults") + "/_reset", "");
    Deque<AutoCloseable> held = new ArrayDeque<>();
    try {
      int number = 0;
      for (Object step : Json.list(one.get("steps"))) {
        number++;
        String where = "step " + number + ": " + one.get("why");
        assertEquals(List.of(), played(Json.map(step), caller, held), where);
      }
    } finally {
      while (!held.isEmpty()) {
        held.pop().close();
      }
    }
  }

  private static List<String> played(
      Map<String, Object> step, GoldenCaller caller, Deque<AutoCloseable> held)
      throws IOException, InterruptedException {
    if (step.containsKey("server")) {
      int wait = Boolean.FALSE.equals(step.get("wait")) ? 0 : 1;
      post(at("control") + "/" + step.get("server") + "?wait=" + wait, "");
    } else if (step.get("faults") instanceof String word) {
      post(at("faults") + "/_" + word, "");
    } else if (step.containsKey("faults")) {
      for (Map.Entry<String, Object> each : Json.map(step.get("faults")).entrySet()) {
        Map<String, Object> script = Map.of("model", each.getKey(), "behaviours", each.getValue());
        post(at("faults") + "/_script", Json.write(script));
      }
    } else if (step.containsKey("upstream")) {
      return upstream((String) step.get("upstream"), Json.map(step.get("expect")));
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

  private static List<String> upstream(String model, Map<String, Object> expect)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + UPSTREAM_NS;
    List<?> calls = List.of();
    while (System.nanoTime() < end) {
      HttpRequest ask =
          HttpRequest.newBuilder(URI.create(at("faults") + "/_log?model=" + model)).build();
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
