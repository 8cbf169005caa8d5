package dev.otherix.apiserver.auth;

import java.util.List;
import java.util.Map;

/// Who makes a request, as authentication found out.
///
/// @param name such as `admin`, `node-a1` or [#ANONYMOUS]
/// @param uid empty where names have no identity behind them
/// @param groups with [#AUTHENTICATED] or [#UNAUTHENTICATED] among them
public record Caller(
    String name, String uid, List<String> groups, Map<String, List<String>> extra) {
  public static final String ANONYMOUS = "system:anonymous";
  public static final String AUTHENTICATED = "system:authenticated";
  public static final String UNAUTHENTICATED = "system:unauthenticated";

  /// Members may do everything.
  public static final String MASTERS = "system:masters";

  public static final Caller NOBODY = of(ANONYMOUS, List.of(UNAUTHENTICATED));

  public Caller {
    groups = List.copyOf(groups);
    extra = Map.copyOf(extra);
  }

  public static Caller of(String name, List<String> groups) {
    return new Caller(name, "", groups, Map.of());
  }

  public boolean in(String group) {
    return groups.contains(group);
  }
}
