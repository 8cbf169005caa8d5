package dev.otherix.ctl.manifest;

import java.util.Locale;

/// How much of a command is only tried.
enum DryRun {
  NONE,
  CLIENT,
  SERVER;

  /// As it stands in options.
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  String suffix() {
    return this == SERVER ? " (server dry run)" : "";
  }
}
