import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/// Adds up the JUnit reports of every module: one line a module, the slowest classes, what failed,
/// and the closing line that continuous integration reads. Fails when nothing ran.
final class TestSummary {
  private static final int SLOWEST_SHOWN = 5;

  private record Suite(String module, String name, int tests, int failed, int skipped, double seconds) {}

  public static void main(String[] arguments) throws Exception {
    List<Suite> suites = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    for (Path report : reports()) {
      read(report, suites, failures);
    }
    Map<String, List<Suite>> modules = new TreeMap<>();
    suites.forEach(each -> modules.computeIfAbsent(each.module, _ -> new ArrayList<>()).add(each));
    modules.forEach(
        (module, all) ->
            System.out.printf(
                "%-16s %5d tests %4d failed %4d skipped %8.1f s%n",
                module,
                all.stream().mapToInt(Suite::tests).sum(),
                all.stream().mapToInt(Suite::failed).sum(),
                all.stream().mapToInt(Suite::skipped).sum(),
                all.stream().mapToDouble(Suite::seconds).sum()));
    suites.stream()
        .sorted((a, b) -> Double.compare(b.seconds, a.seconds))
        .limit(SLOWEST_SHOWN)
        .forEach(each -> System.out.printf("  slow: %6.1f s %s%n", each.seconds, each.name));
    failures.forEach(each -> System.out.println("  FAILED: " + each));
    int tests = suites.stream().mapToInt(Suite::tests).sum();
    int failed = suites.stream().mapToInt(Suite::failed).sum();
    int skipped = suites.stream().mapToInt(Suite::skipped).sum();
    System.out.printf(
        "%d passed, %d failed, %d skipped%n", tests - failed - skipped, failed, skipped);
    System.exit(tests == 0 || failed > 0 ? 1 : 0);
  }

  private static List<Path> reports() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("."), 7)) {
      return files
          .filter(each -> each.toString().matches(".*/target/(quick/)?surefire-reports/TEST-.*[.]xml"))
          .sorted()
          .toList();
    }
  }

  private static void read(Path report, List<Suite> suites, List<String> failures)
      throws Exception {
    Element suite =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(report.toFile())
            .getDocumentElement();
    String module = report.normalize().toString().replaceFirst("/target/.*", "");
    int failed = number(suite, "failures") + number(suite, "errors");
    suites.add(
        new Suite(
            module,
            suite.getAttribute("name"),
            number(suite, "tests"),
            failed,
            number(suite, "skipped"),
            Double.parseDouble(suite.getAttribute("time").replace(",", ""))));
    NodeList cases = suite.getElementsByTagName("testcase");
    for (int i = 0; i < cases.getLength(); i++) {
      Element each = (Element) cases.item(i);
      if (each.getElementsByTagName("failure").getLength() > 0
          || each.getElementsByTagName("error").getLength() > 0) {
        failures.add(each.getAttribute("classname") + "." + each.getAttribute("name"));
      }
    }
  }

  private static int number(Element suite, String attribute) {
    return Integer.parseInt(suite.getAttribute(attribute));
  }
}
