package aviary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** The project that the README shows builds and runs, with the model that Aviary comes with. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path MODEL = ROOT.resolve("models/story-finch.safetensors");

  @TempDir private Path folder;
  private Path program;
  private Path pom;
  private Document project;

  /** Writes the README's two files. */
  @BeforeEach
  void write() throws Exception {
    pom = Files.writeString(folder.resolve("pom.xml"), block("xml\\n(<project.*?)"));
    program = folder.resolve("src/main/java/Story.java");
    Files.createDirectories(program.getParent());
    Files.writeString(program, block("java\\n(.*?)"));
    project = parse(pom);
  }

  private static String block(String what) throws IOException {
    Matcher matcher =
        Pattern.compile("```" + what + "```", Pattern.DOTALL)
            .matcher(Files.readString(ROOT.resolve("README.md")));
    assertTrue(matcher.find(), "the README has no block of " + what);
    return matcher.group(1);
  }

  private static Document parse(Path file) throws Exception {
    return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
  }

  private static List<Element> elements(Node within, String name) {
    List<Element> all = new ArrayList<>();
    NodeList children = within.getChildNodes();
    for (int i = 0; i < children.getLength(); i++) {
      if (children.item(i) instanceof Element element) {
        if (name.isEmpty() || element.getTagName().equals(name)) {
          all.add(element);
        } else {
          all.addAll(elements(element, name));
        }
      }
    }
    return all;
  }

  /** The text of the first element of that name. */
  private static String text(Node within, String name) {
    return elements(within, name).getFirst().getTextContent().strip();
  }

  /** What the project's own pom says of a property. */
  private static String ofParent(String property) throws Exception {
    Document parent = parse(ROOT.resolve("pom.xml"));
    return text(elements(parent, "properties").getFirst(), property);
  }

  /** What runs the program, without {@code java}. */
  private List<String> arguments(String classPath, Path model) {
    return elements(elements(project, "arguments").getFirst(), "").stream()
        .map(argument ->
            argument.getTagName().equals("classpath")
                ? classPath
                : argument.getTextContent().replace("${model}", model.toString()))
        .toList();
  }

  @Test
  void thePomNamesThisProjectAndItsPluginsAndFlags() throws Exception {
    Document runtime = parse(Path.of("pom.xml"));
    Element dependency = elements(project, "dependency").getFirst();
    for (String name : new String[] {"groupId", "version"}) {
      assertEquals(text(runtime, name), text(dependency, name));
    }
    List<Element> own =
        elements(runtime, "artifactId").stream()
            .filter(id -> id.getParentNode() == runtime.getDocumentElement())
            .toList();
    assertEquals(own.getFirst().getTextContent(), text(dependency, "artifactId"));
    assertEquals(ofParent("jdk.version"), text(project, "maven.compiler.release"));
    assertEquals("[%s,)".formatted(ofParent("jdk.version")), versionOfJdk());
    Map<String, String> versions = new TreeMap<>();
    for (Element plugin : elements(project, "plugin")) {
      versions.put(text(plugin, "artifactId"), text(plugin, "version"));
    }
    assertTrue(versions.containsKey("maven-compiler-plugin"), versions.toString());
    for (Map.Entry<String, String> plugin : versions.entrySet()) {
      String property =
          plugin.getKey().equals("exec-maven-plugin")
              ? "maven-exec-plugin.version"
              : plugin.getKey() + ".version";
      assertEquals(ofParent(property), plugin.getValue(), plugin.getKey());
    }
    List<String> flags = List.of(ofParent("jvm.flags").split(" "));
    assertEquals(flags, arguments("", MODEL).subList(0, flags.size()));
  }

  private String versionOfJdk() {
    return elements(project, "configuration").stream()
        .filter(configuration -> !elements(configuration, "version").isEmpty())
        .map(configuration -> text(configuration, "version"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theProgramCompilesAndContinuesATextWithTheFlagsOfThePom() throws Exception {
    List<String> command = compiled(MODEL);
    assertFalse(run(command, 0).isBlank(), "no text");
  }

  /** A model that is not there, and one that is damaged. */
  @Test
  void theProgramReportsBadInputInOneLine() throws Exception {
    Path missing = folder.resolve("missing.pth");
    assertEquals("", run(compiled(missing), 2));
    assertEquals(missing + ": there is no such file or folder\n", errors());
    Path damaged = Files.writeString(folder.resolve("damaged.pth"), "PK\u0003\u0004 and no more");
    List<String> command = compiled(damaged);
    assertEquals("", run(command, 2));
    assertTrue(errors().matches(Pattern.quote(damaged + ": ") + ".*\n"), errors());
  }

  /** What came on stderr, but for what the JVMs say of themselves. */
  private String errors() throws IOException {
    return withoutColours(Files.readString(folder.resolve("errors.txt")))
        .replaceAll("(?m)^WARNING: .*\\R", "");
  }

  /** What runs the program for a model, compiled here. */
  private List<String> compiled(Path model) throws Exception {
    Path classes = Files.createDirectories(folder.resolve("classes"));
    String classPath = System.getProperty("java.class.path");
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    boolean compiled =
        compiler
            .getTask(
                said,
                null,
                null,
                List.of(
                    "--release",
                    text(project, "maven.compiler.release"),
                    "-Xlint:all",
                    "-classpath",
                    classPath,
                    "-d",
                    classes.toString()),
                null,
                compiler.getStandardFileManager(null, null, null).getJavaFileObjects(program))
            .call();
    assertTrue(compiled, said.toString());
    assertEquals("", said.toString());
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments(classes + System.getProperty("path.separator") + classPath, model));
    return command;
  }

  /** What a command prints, which ends with a code. */
  private String run(List<String> command, int wanted) throws IOException, InterruptedException {
    Path output = folder.resolve("output.txt");
    Path errors = folder.resolve("errors.txt");
    Path nothing = Files.writeString(folder.resolve("nothing.txt"), "");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectInput(nothing.toFile())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    int code = process.waitFor();
    assertEquals(wanted, code, Files.readString(output) + Files.readString(errors));
    return Files.readString(output);
  }

  /**
   * As a user does, with a local repository where this project is installed. Offline, so the
   * plugins have to be there: {@code mvn verify} of the whole project begins with its root, whose
   * check of the format uses the one that no module needs for its tests.
   */
  @Test
  void mavenBuildsAndRunsIt() throws Exception {
    String path = System.getenv().getOrDefault("PATH", "");
    assumeTrue(
        Arrays.stream(path.split(System.getProperty("path.separator")))
            .anyMatch(place -> Files.isExecutable(Path.of(place, "mvn"))),
        "there is no mvn in PATH");
    for (Element plugin : elements(project, "plugin")) {
      String artifact = text(plugin, "artifactId");
      String version = text(plugin, "version");
      assumeTrue(
          LocalRepository.has(text(plugin, "groupId"), artifact, version),
          "%s %s is not in the local repository; mvn verify of the whole project fetches it"
              .formatted(artifact, version));
    }
    Path folderOfRepository = folder.resolve("repository");
    try (LocalRepository _ = new LocalRepository(folderOfRepository, ROOT)) {
      assertEquals(
          run(compiled(MODEL), 0).strip(),
          withoutColours(run(maven(MODEL, folderOfRepository), 0)).strip());
      Path missing = folder.resolve("missing.pth");
      assertEquals("", withoutColours(run(maven(missing, folderOfRepository), 0)).strip());
      assertEquals(missing + ": there is no such file or folder\n", errors());
    }
  }

  /** The README's command. */
  private static List<String> maven(Path model, Path repository) throws IOException {
    List<String> command = new ArrayList<>();
    for (String word : block("sh\\n(mvn [^\\n]*exec:exec[^\\n]*)\\n").split(" ")) {
      command.add(word.equals("-Dmodel=FILE") ? "-Dmodel=" + model : word);
    }
    command.addAll(1, List.of("--offline", "--batch-mode", "-Dmaven.repo.local=" + repository));
    return command;
  }

  /** Maven resets the terminal's colours, in files too. */
  private static String withoutColours(String text) {
    return text.replaceAll("\u001B\\[[0-9;]*m", "");
  }
}
