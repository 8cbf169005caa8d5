package dev.otherix.ctl;

import picocli.CommandLine.IVersionProvider;

/// What build this is.
final class Version implements IVersionProvider {
  static final String UNKNOWN = "development";

  /// The version in the jar's manifest; [#UNKNOWN] when started from classes.
  static String current() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? UNKNOWN : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {"otherix " + current()};
  }
}
