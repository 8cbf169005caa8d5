package dev.otherix.ctl.option;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// A command's description for picocli, in code. picocli's annotations say the same in fewer words;
/// to read them, Java makes a proxy class for each annotation type in every process, and its AOT
/// cache cannot hold those. For a command that answers within a tenth of a second they are a third
/// of the time, so that the commands people type most are described here.
public final class CommandModel {
  private final CommandSpec spec;

  private CommandModel(Object command) {
    spec = CommandSpec.wrapWithoutInspection(command);
  }

  /// @param command what runs: a Runnable or a Callable, or anything for a mere set of options
  public static CommandModel of(Object command) {
    return new CommandModel(command);
  }

  /// A command with `--help` and `--version`.
  public static CommandModel of(Object command, String name, String... description) {
    CommandModel model = new CommandModel(command);
    model.spec.name(name).usageMessage().description(description);
    model.standard("Show this help message and exit.", "-h", "--help");
    model.standard("Print version information and exit.", "-V", "--version");
    return model;
  }

  private void standard(String description, String letter, String word) {
    spec.addOption(
        OptionSpec.builder(letter, word)
            .type(boolean.class)
            .usageHelp(letter.equals("-h"))
            .versionHelp(letter.equals("-V"))
            .description(description)
            .build());
  }

  public CommandModel footer(String... lines) {
    spec.usageMessage().footer(lines);
    return this;
  }

  public CommandModel version(IVersionProvider version) {
    spec.versionProvider(version);
    return this;
  }

  public Given<Boolean> flag(String description, String... names) {
    return option(OptionSpec.builder(names).type(boolean.class).initialValue(false), description);
  }

  /// @param absent when it is not given
  public Given<String> text(String label, String absent, String description, String... names) {
    return option(
        OptionSpec.builder(names).type(String.class).paramLabel(label).initialValue(absent),
        description);
  }

  /// An option that has no value when it is not given.
  public <T> Given<@Nullable T> optional(
      Class<T> type, String label, String description, String... names) {
    OptionSpec.Builder option = OptionSpec.builder(names).type(type).paramLabel(label);
    if (type == Path.class) {
      // picocli itself finds it by reflection.
      option.converters(Path::of);
    }
    return option(option, description);
  }

  /// Texts with commas between them; the option may be repeated.
  public Given<List<String>> texts(String label, String description, String... names) {
    return option(
        OptionSpec.builder(names)
            .type(List.class)
            .auxiliaryTypes(String.class)
            .splitRegex(",")
            .paramLabel(label)
            .initialValue(List.of()),
        description);
  }

  private <T extends @Nullable Object> Given<T> option(
      OptionSpec.Builder option, String description) {
    OptionSpec built = option.description(description).build();
    spec.addOption(built);
    return new Given<>(built);
  }

  /// The words behind the options.
  public Given<List<String>> words(String arity, String label, String description) {
    PositionalParamSpec built =
        PositionalParamSpec.builder()
            .arity(arity)
            .type(List.class)
            .auxiliaryTypes(String.class)
            .paramLabel(label)
            .description(description)
            .initialValue(List.of())
            .build();
    spec.addPositional(built);
    return new Given<>(built);
  }

  public CommandSpec spec() {
    return spec;
  }
}
