package dev.otherix.e2e.clients;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A minor release of Kubernetes, such as 1.32.
record Release(int major, int minor) implements Comparable<Release> {
  private static final Pattern TEXT = Pattern.compile("v?(\\d+)\\.(\\d+).*", Pattern.DOTALL);

  static Release parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a release: " + text);
    }
    return new Release(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /// Whether this release is in `1.30+`, `-1.28` or `1.29-1.31`; the bounds belong to the range.
  boolean in(String range) {
    if (range.endsWith("+")) {
      return compareTo(parse(range)) >= 0;
    }
    int dash = range.indexOf('-');
    if (dash < 0) {
      throw new IllegalArgumentException("not a range of releases: " + range);
    }
    return (dash == 0 || compareTo(parse(range.substring(0, dash))) >= 0)
        && compareTo(parse(range.substring(dash + 1))) <= 0;
  }

  @Override
  public int compareTo(Release other) {
    return major == other.major
        ? Integer.compare(minor, other.minor)
        : Integer.compare(major, other.major);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
