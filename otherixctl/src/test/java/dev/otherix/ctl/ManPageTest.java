package dev.otherix.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class ManPageTest {
  private static CommandLine command(String... path) {
    CommandLine line = Otherixctl.commandLine();
    for (String each : path) {
      line = Objects.requireNonNull(line.getSubcommands().get(each));
    }
    return line;
  }

  @Test
  void page_ofACommand_saysWhatItsHelpSays() {
    String page = ManPage.of(command("vm", "create"));
    assertTrue(page.startsWith(".TH \"OTHERIXCTL-VM-CREATE\" 1"), page);
    assertTrue(page.contains("\notherixctl\\-vm\\-create \\- Creates a virtual machine.\n"), page);
    assertTrue(page.contains(".TP\n\\fB\\-\\-image\\-url\\fR \\fIURL\\fR\n"), page);
    assertTrue(page.endsWith(".SH SEE ALSO\notherixctl\\-vm(1)\n"), page);
  }

  @Test
  void page_ofANoun_namesItsCommandsOnceEach() {
    String page = ManPage.of(command("vm"));
    String also = page.substring(page.indexOf(".SH SEE ALSO"));
    assertTrue(also.contains("otherixctl\\-vm\\-create(1)"), also);
    List<String> names = List.of(also.lines().skip(1).findFirst().orElse("").split(", "));
    assertEquals(names.size(), names.stream().distinct().count());
  }

  @Test
  void page_ofEachCommand_hasOnlyRequestsThatItMeans() {
    requireSense(Otherixctl.commandLine());
  }

  private static void requireSense(CommandLine line) {
    String page = ManPage.of(line);
    page.lines()
        .filter(each -> each.startsWith(".") || each.startsWith("'"))
        .forEach(each -> assertTrue(each.matches("\\.(TH .*|SH .*|TP|PP|nf|fi)"), each));
    line.getSubcommands().values().forEach(ManPageTest::requireSense);
  }
}
