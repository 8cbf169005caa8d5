package dev.otherix.controllers.access;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apiserver.auth.Permission;

/// The names of what access rules are about.
final class Kinds {
  static final String GROUP = "otherix";
  static final String VERSION = "v1";
  static final String NODES = "nodes";
  static final String VMS = "vms";
  static final String TASKS = "tasks";
  static final String SNAPSHOTS = "vmsnapshots";
  static final String SECURITY_RULES = "securityrules";

  private Kinds() {}

  static boolean is(Kind kind, String plural) {
    return kind.group().equals(GROUP) && kind.plural().equals(plural);
  }

  static boolean ours(Permission permission) {
    return permission.group().equals(GROUP) && !permission.resource().isEmpty();
  }
}
