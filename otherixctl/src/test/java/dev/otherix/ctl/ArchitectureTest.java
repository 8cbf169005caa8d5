package dev.otherix.ctl;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Holds the code to the blueprint: which room may know which, and how large a file may grow. This
/// module sees all others, so the test lives here.
@Tag("slow")
final class ArchitectureTest {
  private static final int FILE_LINES_MAX = 600;
  private static final int MEDIAN_LINES_MAX = 130;
  private static final int LINE_LENGTH_MAX = 100;

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final List<String> MODULES =
      List.of("apimachinery", "apiserver", "schemas", "controllers", "agent", "otherixctl");

  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.otherix");

  @Test
  void rooms_knowOnlyTheRoomsBelowThem() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("dev.otherix..")
        .withOptionalLayers(true)
        .layer("apimachinery")
        .definedBy("dev.otherix.apimachinery..")
        .layer("apiserver")
        .definedBy("dev.otherix.apiserver..")
        .layer("schemas")
        .definedBy("dev.otherix.schemas..")
        .layer("controllers")
        .definedBy(
            resideInAPackage("dev.otherix.controllers..")
                .and(resideOutsideOfPackage("dev.otherix.controllers.access.."))
                .and(resideOutsideOfPackage("dev.otherix.controllers.plane.."))
                .and(resideOutsideOfPackage("dev.otherix.controllers.relay..")))
        .layer("plane")
        .definedBy("dev.otherix.controllers.plane..")
        .layer("access")
        .definedBy("dev.otherix.controllers.access..")
        .layer("relay")
        .definedBy("dev.otherix.controllers.relay..")
        .layer("agent")
        .definedBy("dev.otherix.agent..")
        .layer("ctl")
        .definedBy("dev.otherix.ctl..")
        .whereLayer("apimachinery")
        .mayNotAccessAnyLayer()
        .whereLayer("apiserver")
        .mayOnlyAccessLayers("apimachinery")
        .whereLayer("schemas")
        .mayOnlyAccessLayers("apimachinery")
        .whereLayer("controllers")
        .mayOnlyAccessLayers("apimachinery", "schemas")
        .whereLayer("plane")
        .mayOnlyAccessLayers("apimachinery", "apiserver", "schemas", "controllers", "relay")
        .whereLayer("access")
        .mayOnlyAccessLayers("apimachinery", "apiserver", "relay")
        .whereLayer("relay")
        .mayOnlyAccessLayers("apimachinery", "apiserver", "controllers")
        .whereLayer("agent")
        .mayOnlyAccessLayers("apimachinery", "schemas", "controllers")
        .check(CODE);
  }

  @Test
  void packages_haveNoCycles() {
    slices().matching("dev.otherix.(**)").should().beFreeOfCycles().check(CODE);
  }

  @Test
  void libraries_areKnownInOnePlaceEach() {
    noClasses()
        .that(resideOutsideOfPackage("dev.otherix.apimachinery.codec.."))
        .should()
        .dependOnClassesThat(resideInAnyPackage("org.snakeyaml.."))
        .because("YAML is the codec's business")
        .check(CODE);
    noClasses()
        .that(resideOutsideOfPackage("dev.otherix.apimachinery.schema.."))
        .should()
        .dependOnClassesThat(resideInAnyPackage("com.networknt.."))
        .because("schema validation is the schema package's business")
        .check(CODE);
    noClasses()
        .that(
            resideOutsideOfPackages(
                "dev.otherix.apimachinery.schema..", "dev.otherix.apiserver.cel.."))
        .should()
        .dependOnClassesThat(resideInAnyPackage("com.google.re2j.."))
        .because("patterns stand in schemas and in expressions")
        .check(CODE);
    noClasses()
        .that(resideOutsideOfPackage("dev.otherix.apiserver.cel.."))
        .should()
        .dependOnClassesThat(resideInAnyPackage("dev.cel.."))
        .because("others see rules and conditions, not CEL's compiler")
        .check(CODE);
    noClasses()
        .that(resideOutsideOfPackage("dev.otherix.ctl.."))
        .should()
        .dependOnClassesThat(resideInAnyPackage("picocli.."))
        .because("only the command line parses command lines")
        .check(CODE);
    noClasses()
        .that(resideOutsideOfPackage("dev.otherix.apiserver.metrics.."))
        .should()
        .dependOnClassesThat(resideInAnyPackage("io.prometheus.."))
        .because("others count with the meters of the metrics package")
        .check(CODE);
    noClasses()
        .that(
            resideOutsideOfPackages(
                "dev.otherix.apiserver.protobuf..", "dev.otherix.apiserver.storage.."))
        .should()
        .dependOnClassesThat(resideInAnyPackage("com.google.protobuf.."))
        .because("protobuf is for etcd and for what clients send")
        .check(CODE);
  }

  @Test
  void time_isInjected() {
    noClasses()
        .that(resideOutsideOfPackage("dev.otherix.ctl.."))
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Clock.class, "systemUTC")
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .because("simulation needs to own the clock: take an InstantSource")
        .check(CODE);
  }

  /// A virtual thread that waits on a monitor can keep its carrier, and two that do so stop a
  /// server on two cores. A lock of java.util.concurrent always lets the carrier go.
  @Test
  void waits_areNotOnMonitors() {
    noClasses()
        .should()
        .callMethod(Object.class, "wait")
        .orShould()
        .callMethod(Object.class, "wait", long.class)
        .orShould()
        .callMethod(Object.class, "wait", long.class, int.class)
        .orShould()
        .callMethod(Object.class, "notify")
        .orShould()
        .callMethod(Object.class, "notifyAll")
        .because("virtual threads wait with a Lock and its Condition")
        .check(CODE);
  }

  @Test
  void names_sayWhatAClassIs() {
    classes()
        .should()
        .haveSimpleNameNotEndingWith("Util")
        .andShould()
        .haveSimpleNameNotEndingWith("Utils")
        .andShould()
        .haveSimpleNameNotEndingWith("Helper")
        .andShould()
        .haveSimpleNameNotEndingWith("Impl")
        .andShould()
        .haveSimpleNameNotStartingWith("Abstract")
        .check(CODE);
  }

  @Test
  void files_stayReadable() throws IOException {
    List<String> tooLong = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    for (Path file : javaFiles()) {
      List<String> lines = Files.readAllLines(file);
      if (file.toString().contains("/main/") && !file.endsWith("package-info.java")) {
        sizes.add(lines.size());
      }
      if (lines.size() > FILE_LINES_MAX) {
        tooLong.add(ROOT.relativize(file) + " has " + lines.size() + " lines");
      }
      for (int i = 0; i < lines.size(); i++) {
        boolean text = lines.get(i).contains("\"\"\"") || file.toString().contains("/test/");
        if (lines.get(i).length() > LINE_LENGTH_MAX
            && !lines.get(i).startsWith("import ")
            && !text) {
          tooLong.add(ROOT.relativize(file) + ":" + (i + 1) + " is wider than " + LINE_LENGTH_MAX);
        }
      }
    }
    sizes.sort(null);
    int median = sizes.get(sizes.size() / 2);
    assertEquals(List.of(), tooLong, "a class that grew past this has two jobs: split it by noun");
    assertFalse(median > MEDIAN_LINES_MAX, "the median file has " + median + " lines");
  }

  @Test
  void packages_areNullMarked() throws IOException {
    List<String> unmarked = new ArrayList<>();
    for (Path file : javaFiles()) {
      if (file.toString().contains("/src/main/")
          && !Files.exists(file.resolveSibling("package-info.java"))) {
        unmarked.add(ROOT.relativize(file).toString());
      }
    }
    assertEquals(List.of(), unmarked);
  }

  private static List<Path> javaFiles() throws IOException {
    List<Path> files = new ArrayList<>();
    for (String module : MODULES) {
      try (Stream<Path> found = Files.walk(ROOT.resolve(module).resolve("src"))) {
        found.filter(each -> each.toString().endsWith(".java")).forEach(files::add);
      }
    }
    return files;
  }
}
