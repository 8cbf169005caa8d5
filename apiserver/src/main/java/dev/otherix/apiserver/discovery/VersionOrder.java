package dev.otherix.apiserver.discovery;

import java.util.Comparator;

/// The order in which Kubernetes lists the versions of a group, best first: `v10`, `v2`, `v1`,
/// `v2beta1`, `v1beta2`, `v1alpha1`, and then all other names by the alphabet.
public final class VersionOrder implements Comparator<String> {
  public static final VersionOrder INSTANCE = new VersionOrder();

  private static final int DIGITS_MAX = 9;

  /// @param stability 2 generally available, 1 beta, 0 alpha, -1 no such name
  private record Parsed(int stability, int major, int minor) {}

  private static final Comparator<Parsed> BEST_FIRST =
      Comparator.comparingInt(Parsed::stability)
          .thenComparingInt(Parsed::major)
          .thenComparingInt(Parsed::minor)
          .reversed();

  private VersionOrder() {}

  @Override
  public int compare(String left, String right) {
    int order = BEST_FIRST.compare(parse(left), parse(right));
    return order != 0 ? order : left.compareTo(right);
  }

  private static Parsed parse(String version) {
    Parsed other = new Parsed(-1, 0, 0);
    if (!version.startsWith("v")) {
      return other;
    }
    int end = digits(version, 1);
    if (end < 0) {
      return other;
    }
    int major = Integer.parseInt(version, 1, end, 10);
    if (end == version.length()) {
      return new Parsed(2, major, 0);
    }
    int stability = version.startsWith("beta", end) ? 1 : version.startsWith("alpha", end) ? 0 : -1;
    if (stability < 0) {
      return other;
    }
    int start = end + (stability == 1 ? "beta" : "alpha").length();
    if (digits(version, start) != version.length()) {
      return other;
    }
    return new Parsed(stability, major, Integer.parseInt(version, start, version.length(), 10));
  }

  /// Where the number that begins at `start` ends; -1 when there is none, or one with leading
  /// zeros.
  private static int digits(String text, int start) {
    int end = start;
    while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
      end++;
    }
    boolean number = end > start && end - start <= DIGITS_MAX && text.charAt(start) != '0';
    return number ? end : -1;
  }
}
