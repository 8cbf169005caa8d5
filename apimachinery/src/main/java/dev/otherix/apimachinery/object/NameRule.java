package dev.otherix.apimachinery.object;

import java.util.List;

/// What a kind demands of its objects' names.
public enum NameRule {
  DNS_SUBDOMAIN,
  DNS_LABEL,
  DNS_1035_LABEL,
  PATH_SEGMENT;

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
