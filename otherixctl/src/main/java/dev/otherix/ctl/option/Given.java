package dev.otherix.ctl.option;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;

/// What was given for an option or for the words of a command, once the command line is parsed.
///
/// @param <T> text is a String, a flag a Boolean, several words a List
public final class Given<T extends @Nullable Object> {
  private final ArgSpec spec;

  Given(ArgSpec spec) {
    this.spec = spec;
  }

  /// What was given, or else the value that the command has without it. Null for an option that has
  /// none.
  public T value() {
    return spec.getValue();
  }
}
