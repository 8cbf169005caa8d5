package dev.otherix.ctl;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// A command's manual page, in the language of man(7).
final class ManPage {
  private final CommandSpec command;
  private final String name;
  private final StringBuilder out = new StringBuilder();

  private ManPage(CommandLine line) {
    this.command = line.getCommandSpec();
    this.name = name(command);
  }

  /// `otherixctl-vm-create` for `otherixctl vm create`.
  static String name(CommandSpec command) {
    return command.qualifiedName("-");
  }

  static String of(CommandLine line) {
    return new ManPage(line).text(line);
  }

  private String text(CommandLine line) {
    out.append(".TH \"").append(name.toUpperCase(Locale.ROOT)).append("\" 1 \"\" \"Otherix\"\n");
    section("NAME");
    List<String> description = List.of(command.usageMessage().description());
    String brief = description.isEmpty() ? "" : description.getFirst();
    int sentence = brief.indexOf(". ");
    paragraph(name + " - " + (sentence < 0 ? brief : brief.substring(0, sentence + 1)));
    section("SYNOPSIS");
    verbatim(line.getHelp().synopsis(0).stripTrailing());
    section("DESCRIPTION");
    paragraphs(description);
    List<OptionSpec> options = command.options().stream().filter(each -> !each.hidden()).toList();
    if (!options.isEmpty() || !command.positionalParameters().isEmpty()) {
      section("OPTIONS");
      command.positionalParameters().forEach(this::word);
      options.forEach(this::option);
    }
    List<String> footer = List.of(command.usageMessage().footer());
    if (!footer.isEmpty()) {
      section("NOTES");
      verbatim(String.join("\n", footer).strip());
    }
    section("EXIT STATUS");
    paragraph(
        "0 when it worked; 1 a failure, 2 wrong usage, 3 out of time, 4 a conflict, 5 not found, 6"
            + " not allowed.");
    seeAlso(line);
    return out.toString();
  }

  private void section(String title) {
    out.append(".SH ").append(title).append('\n');
  }

  private void paragraphs(List<String> texts) {
    out.append(texts.stream().map(ManPage::escaped).collect(Collectors.joining("\n.PP\n")));
    out.append('\n');
  }

  private void paragraph(String text) {
    paragraphs(List.of(text));
  }

  private void verbatim(String text) {
    out.append(".nf\n");
    text.lines().forEach(each -> out.append(escaped(each)).append('\n'));
    out.append(".fi\n");
  }

  private void word(PositionalParamSpec each) {
    entry("\\fI" + escaped(each.paramLabel()) + "\\fR", each);
  }

  private void option(OptionSpec each) {
    String names =
        Arrays.stream(each.names())
            .map(option -> "\\fB" + escaped(option) + "\\fR")
            .collect(Collectors.joining(", "));
    boolean valued = each.arity().max() > 0;
    entry(valued ? names + " \\fI" + escaped(each.paramLabel()) + "\\fR" : names, each);
  }

  private void entry(String title, ArgSpec each) {
    out.append(".TP\n").append(title).append('\n');
    out.append(escaped(String.join(" ", each.description()))).append('\n');
  }

  private void seeAlso(CommandLine line) {
    CommandLine parent = line.getParent();
    List<String> names =
        line.getSubcommands().values().stream()
            .map(CommandLine::getCommandSpec)
            .filter(each -> !each.usageMessage().hidden())
            .map(ManPage::name)
            .distinct()
            .toList();
    if (parent == null && names.isEmpty()) {
      return;
    }
    section("SEE ALSO");
    StringBuilder all =
        new StringBuilder(parent == null ? "" : name(parent.getCommandSpec()) + "(1)");
    names.forEach(each -> all.append(all.isEmpty() ? "" : ", ").append(each).append("(1)"));
    paragraph(all.toString());
  }

  /// A line that begins with a dot or an apostrophe would be a request, a hyphen a dash.
  private static String escaped(String text) {
    String plain = text.replace("\\", "\\e").replace("-", "\\-");
    return plain.startsWith(".") || plain.startsWith("'") ? "\\&" + plain : plain;
  }
}
