package dev.otherix.apimachinery.object;

import java.util.List;

/// What a kind demands of its objects' names.
public enum NameRule {
  /// Lower-case words joined by dots, at most 253 characters.
  DNS_SUBDOMAIN("dns-subdomain"),
  /// One lower-case word, at most 63 characters: for names that become host names.
  DNS_LABEL("dns-label"),
  /// The same, beginning with a letter.
  DNS_1035_LABEL("dns-1035-label"),
  /// Anything that can stand in a path.
  PATH_SEGMENT("path-segment");

  private final String wireName;

  NameRule(String wireName) {
    this.wireName = wireName;
  }

  /// How a schema file's header calls it.
  public String wireName() {
    return wireName;
  }

  /// The messages for a whole name, none when it is good.
  public List<String> check(String name) {
    return switch (this) {
      case DNS_SUBDOMAIN -> Names.dns1123Subdomain(name);
      case DNS_LABEL -> Names.dns1123Label(name);
      case DNS_1035_LABEL -> Names.dns1035Label(name);
      case PATH_SEGMENT -> Names.pathSegment(name);
    };
  }

  /// The messages for a `generateName`, which may end in a dash because more follows.
  public List<String> checkPrefix(String prefix) {
    if (this == PATH_SEGMENT) {
      return Names.pathSegmentPrefix(prefix);
    }
    boolean dash = prefix.length() > 1 && prefix.endsWith("-");
    return check(dash ? prefix.substring(0, prefix.length() - 1) : prefix);
  }
}
