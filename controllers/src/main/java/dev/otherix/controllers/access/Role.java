package dev.otherix.controllers.access;

import dev.otherix.apiserver.auth.Caller;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a person is to the cluster, from the most powerful down.
enum Role {
  ADMIN,
  OPERATOR,
  DEVELOPER,
  VIEWER;

  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The group that a caller with this role is in.
  String group() {
    return "otherix:" + wireName();
  }

  /// Null for a name that is no role.
  static @Nullable Role named(String name) {
    for (Role each : values()) {
      if (each.wireName().equals(name)) {
        return each;
      }
    }
    return null;
  }

  /// The most powerful role that the caller has; null for none.
  static @Nullable Role of(Caller caller) {
    for (Role each : values()) {
      if (caller.in(each.group())) {
        return each;
      }
    }
    return null;
  }

  /// Whether nothing restrains the caller.
  static boolean unrestricted(Caller caller) {
    return caller.in(Caller.MASTERS) || caller.in(ADMIN.group());
  }
}
