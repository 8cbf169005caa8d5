package dev.otherix.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.codec.YamlDocument;
import dev.otherix.apimachinery.manifest.Manifest;
import dev.otherix.apimachinery.manifest.ManifestCheck;
import dev.otherix.apimachinery.manifest.Problem;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.schemas.v1.VM;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The manifests in `examples/` and in the reference pages are good; each rule has manifests that
/// break it, with the one line that their author gets.
final class ManifestsTest {
  private static final Path EXAMPLES = Path.of("..", "examples");
  private static final Path GOOD = Path.of("src/test/resources/valid");
  private static final Path BAD = Path.of("src/test/resources/invalid");

  private static final Kinds KINDS = Schemas.kinds();
  private static final ManifestCheck CHECK = new ManifestCheck(KINDS);

  static Stream<Arguments> good() throws IOException {
    List<Arguments> rows = new ArrayList<>();
    for (Path folder : List.of(EXAMPLES, GOOD)) {
      for (Path file : yamlFiles(folder)) {
        for (YamlDocument document : documents(file)) {
          rows.add(Arguments.of(file.getFileName() + "#" + document.index(), document));
        }
      }
    }
    return rows.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("good")
  void check_goodManifest_hasNoProblem(String name, YamlDocument document) {
    assertEquals(List.of(), CHECK.check(document).problems(), name);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("good")
  void read_goodManifest_fitsItsRecordAndComesBackTheSame(String name, YamlDocument document) {
    Kind kind = KINDS.kind("otherix/v1", document.tree().path("kind").asString()).orElseThrow();
    ObjectNode prepared = (ObjectNode) document.tree().deepCopy();
    kind.prepare(prepared);
    Record typed = Records.read(prepared, recordOf(kind.kind()));
    ObjectNode written = Records.write("otherix/v1", kind.kind(), typed);
    kind.prepare(written);
    assertTrue(Json.equal(prepared, written), () -> name + "\n" + prepared + "\n" + written);
  }

  @Test
  void examples_showEveryKind() throws IOException {
    Set<String> shown = new TreeSet<>();
    for (Path file : yamlFiles(EXAMPLES)) {
      documents(file).forEach(each -> shown.add(each.tree().path("kind").asString()));
    }
    assertEquals(new TreeSet<>(KINDS.all().stream().map(Kind::kind).toList()), shown);
  }

  static Stream<Arguments> bad() throws IOException {
    List<Arguments> rows = new ArrayList<>();
    for (Path file : yamlFiles(BAD)) {
      for (YamlDocument document : documents(file)) {
        JsonNode row = document.tree();
        rows.add(
            Arguments.of(
                file.getFileName() + ": " + row.path("what").asString(),
                row.path("manifest").asString(),
                texts(row.path("problems"))));
      }
    }
    return rows.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bad")
  void check_badManifest_tellsWhereAndWhat(String name, String manifest, List<String> problems) {
    YamlDocument document = Yaml.readAll(manifest, Limits.MANIFEST).getFirst();
    Manifest checked = CHECK.check(document);
    assertEquals(problems, checked.problems().stream().map(Problem::toString).toList(), name);
  }

  @Test
  void read_vm_fillsDefaultsAndTypes() throws IOException {
    ObjectNode object =
        (ObjectNode) documents(EXAMPLES.resolve("vm.yaml")).getFirst().tree().deepCopy();
    KINDS.kind("otherix/v1", "VM").orElseThrow().prepare(object);
    VM vm = Records.read(object, VM.class);
    assertEquals("demo", vm.metadata().name());
    assertEquals(VM.PowerState.RUNNING, vm.spec().powerState());
    assertEquals(VM.Arch.AMD64, vm.spec().arch());
    assertEquals(2, vm.spec().vcpus());
    assertEquals(10, vm.spec().diskGiB());
  }

  private static Class<? extends Record> recordOf(String kind) {
    return SchemaAgreementTest.records()
        .filter(each -> each.getSimpleName().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  private static List<YamlDocument> documents(Path file) throws IOException {
    return Yaml.readAll(Files.readString(file), Limits.MANIFEST);
  }

  private static List<Path> yamlFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(each -> each.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(each -> texts.add(each.asString()));
    return texts;
  }
}
