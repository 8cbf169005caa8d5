package dev.otherix.controllers.access;

import java.util.TreeSet;

/// `docs/reference/rbac.md`, from the rules themselves.
public final class RbacPage {
  private RbacPage() {}

  /// The whole page in Markdown.
  public static String text() {
    StringBuilder out = new StringBuilder();
    out.append("# Roles and rights\n\n");
    out.append("Generated from the code by `hack/generate-docs`. Do not edit.\n\n");
    out.append(
        "`any`: on every object. `own`: on one's own; others are answered with 404, as if\n");
    out.append("they did not exist. `-`: not at all, answered with 403.\n\n");
    out.append("## What roles allow\n\n| right |");
    for (Role role : Role.values()) {
      out.append(' ').append(role.wireName()).append(" |");
    }
    out.append("\n|---|").append("---|".repeat(Role.values().length)).append('\n');
    for (Right right : Right.values()) {
      out.append("| ").append(right.wireName()).append(" |");
      for (Role role : Role.values()) {
        out.append(' ').append(right.of(role).shown()).append(" |");
      }
      out.append('\n');
    }
    out.append("\n## What requests need\n\n");
    out.append("| resource | verbs | right |\n|---|---|---|\n");
    for (Rules.Rule rule : Rules.ALL) {
      out.append("| ").append(resource(rule)).append(" | ");
      out.append(String.join(", ", new TreeSet<>(rule.verbs())));
      out.append(" | ").append(rule.right().wireName()).append(" |\n");
    }
    return out.append(NOTES).toString();
  }

  private static String resource(Rules.Rule rule) {
    String name = rule.group().isEmpty() ? rule.resource() : rule.resource() + "." + rule.group();
    StringBuilder out = new StringBuilder();
    for (String each : new TreeSet<>(rule.subresources())) {
      out.append(out.isEmpty() ? "" : ", ").append(name);
      out.append(each.isEmpty() ? "" : "/" + each);
    }
    return out.toString();
  }

  private static final String NOTES =
      """

      Everything else takes the role admin, except what any known caller may do: discovery and
      asking what one may do oneself (`kubectl auth can-i`). `system:masters`, the group of
      `admin.kubeconfig` and of the local administrator, may do everything.

      ## What stands beside the table

      - The owner of an object is whoever created it: the server records it in the annotation
        `otherix/owner`, and only an administrator changes it. A task is its `spec.createdBy`'s, an
        API token its `spec.user`'s, a user his own.
      - `vm:console` also decides who sees `spec.userData`, `spec.networkConfig` and
        `spec.imageURL` of a machine; for others they are left out.
      - `node:detail` decides who sees all of a node. Others see its name, labels, `spec.arch`,
        `roles`, `cordoned`, `draining` and `status.phase`.
      - `user:update` on oneself is for `displayName`, `email` and `password`. Nobody changes
        his own role.
      - Status, `spec.nodeName` of a machine and finalizers that begin with `otherix/` are
        written by controllers, the scheduler and agents.
      - A service account has the role that an administrator gave it in the annotation
        `otherix/role`, and none without. Members of the Unix socket's group have the role admin.
      - A node may do what `docs/explanation/security.md` lists, whatever this page says.
      """;
}
