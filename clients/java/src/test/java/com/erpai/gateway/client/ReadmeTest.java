package com.erpai.gateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the READMEs show: the commands run, the programs compile. */
class ReadmeTest {

  private static final Path HERE = Path.of("").toAbsolutePath();
  private static final Path ROOT = HERE.resolve("../..").normalize();
  private static final String IMPORTS =
      """
      import com.erpai.gateway.client.*;
      import com.erpai.gateway.v1.*;
      import java.time.Duration;
      import java.util.concurrent.CompletableFuture;
      import org.springframework.beans.factory.annotation.Value;
      import org.springframework.context.annotation.*;
      import org.springframework.http.MediaType;
      import org.springframework.web.bind.annotation.*;
      import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
      """;

  /** What the reader has around the first program. */
  private static final String AROUND =
      """
      class Program {
        void run(String key, ChatRequest request, ExtractKeywordsRequest listing) throws Exception {
          %s
        }
        void show(String text) {}
      }
      """;

  /** What the reader adds to the recipe. */
  private static final String WRITTEN_BY_READER =
      """
        ChatRequest request(String question) { return ChatRequest.getDefaultInstance(); }
        void send(SseEmitter emitter, StreamChatResponse event) {}
      }
      """;

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "README.zh-CN.md"})
  void theCommandsLeadToAnAnswer(String readme, @TempDir Path folder) throws Exception {
    List<String> commands = blocks(readme, "sh").get(0).lines().toList();
    assertEquals(List.of("make setup", "make run &"), commands.subList(0, 2));
    assertEquals(3, commands.size());
    copied(ROOT.resolve("proto"), folder.resolve("proto"));
    copied(HERE.resolve("src/main"), folder.resolve("clients/java/src/main"));
    Files.copy(HERE.resolve("pom.xml"), folder.resolve("clients/java/pom.xml"));
    ProcessBuilder asked =
        new ProcessBuilder("bash", "-c", commands.get(2))
            .directory(folder.toFile())
            .redirectErrorStream(true);
    asked.environment().put("ERP_GATEWAY_TARGET", Stage.shared().at("plain"));
    Process process = asked.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    assertTrue(said.contains("-- SOURCE_"), said);
  }

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "README.zh-CN.md"})
  void theProgramsCompile(String readme, @TempDir Path folder) throws IOException {
    List<String> programs = blocks(readme, "java");
    assertEquals(2, programs.size());
    assertEquals("", compiled(IMPORTS + AROUND.formatted(programs.get(0)), folder));
    String recipe = programs.get(1).stripTrailing();
    assertTrue(recipe.endsWith("}"), recipe);
    String whole = recipe.substring(0, recipe.length() - 1) + WRITTEN_BY_READER;
    assertEquals("", compiled(IMPORTS + whole, folder));
  }

  @Test
  void theDependencyIsWhatThePomBuilds() throws IOException {
    String pom = Files.readString(HERE.resolve("pom.xml"));
    for (String line : blocks("README.md", "xml").get(0).lines().toList()) {
      assertTrue(line.contains("dependency>") || pom.contains(line.strip()), line);
    }
  }

  private static List<String> blocks(String readme, String language) throws IOException {
    Matcher found =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(HERE.resolve(readme)));
    List<String> blocks = new ArrayList<>();
    while (found.find()) {
      blocks.add(found.group(1));
    }
    return blocks;
  }

  private static void copied(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = to.resolve(from.relativize(file));
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
  }

  /** What the compiler complains of; empty when it does not. */
  private static String compiled(String program, Path folder) {
    JavaFileObject source =
        new SimpleJavaFileObject(URI.create("string:///Program.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignored) {
            return program;
          }
        };
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter complaints = new StringWriter();
    List<String> options = List.of("-proc:none", "-classpath", path, "-d", folder.toString());
    boolean well =
        compiler.getTask(complaints, null, null, options, null, List.of(source)).call();
    return well ? "" : complaints + program;
  }
}
