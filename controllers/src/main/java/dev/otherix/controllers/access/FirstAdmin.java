package dev.otherix.controllers.access;

import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import java.util.Map;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The first person of a new cluster, whom the environment of the server names.
public final class FirstAdmin {
  public static final String USER_NAME = "OTHERIX_BOOTSTRAP_ADMIN_USERNAME";
  public static final String PASSWORD = "OTHERIX_BOOTSTRAP_ADMIN_PASSWORD";

  private FirstAdmin() {}

  /// Creates the user when there is none at all.
  ///
  /// @return whether it did
  /// @throws IllegalArgumentException when only one of the variables is set
  public static boolean ensure(
      Map<String, String> environment, Resources resources, Registry registry)
      throws InterruptedException {
    String name = environment.getOrDefault(USER_NAME, "");
    String password = environment.getOrDefault(PASSWORD, "");
    if (name.isEmpty() != password.isEmpty()) {
      throw new IllegalArgumentException(
          "only one of " + USER_NAME + " and " + PASSWORD + " is set; set both or neither");
    }
    Resource.Version users = resources.find(Kinds.GROUP, Kinds.VERSION, "users");
    if (name.isEmpty() || users == null || !users.resource().everything().isEmpty()) {
      return false;
    }
    ObjectNode user = JsonNodeFactory.instance.objectNode();
    user.put("apiVersion", Kinds.GROUP + "/" + Kinds.VERSION).put("kind", "User");
    user.set("metadata", ObjectMeta.EMPTY.toBuilder().name(name).build().toJson());
    user.putObject("spec").put("role", Role.ADMIN.wireName()).put("password", password);
    users.kind().prepare(user);
    registry.create(users, "", user, ServerIdentity.context());
    return true;
  }
}
