package com.erpai.gateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples as a reader runs them: each as a process of its own. */
class ExamplesTest {

  private static final Stage STAGE = Stage.shared();

  @ParameterizedTest
  @CsvSource({
    "ChatExample, -- SOURCE_",
    "StreamChatExample, -- SOURCE_",
    "ExtractKeywordsExample, search terms",
    "DetectAnomalyExample, ANOMALY_KIND_SPIKE",
    "SubmitFeedbackExample, UNIMPLEMENTED|matched",
    "AsyncExample, skillet",
  })
  void anExampleRuns(String name, String expected) throws IOException, InterruptedException {
    String classes =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    ProcessBuilder command =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dfile.encoding=UTF-8",
                "-cp",
                classes,
                "com.erpai.gateway.examples." + name)
            .redirectErrorStream(true);
    command.environment().put("ERP_GATEWAY_TARGET", STAGE.at("plain"));
    Process process = command.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    boolean told = false;
    for (String word : expected.split("\\|")) {
      told |= said.contains(word) || said.toLowerCase(java.util.Locale.ROOT).contains(word);
    }
    assertTrue(told, said);
  }
}
