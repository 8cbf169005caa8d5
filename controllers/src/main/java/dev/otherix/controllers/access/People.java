package dev.otherix.controllers.access;

import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.watchcache.CacheItem;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// The users as the server knows them, from memory or from the store.
final class People {
  private static final String USERS = "users";

  private final Resources resources;

  People(Resources resources) {
    this.resources = resources;
  }

  /// Somebody who may act.
  record Person(String name, String uid, Role role) {
    Caller caller() {
      return new Caller(name, uid, List.of(role.group()), java.util.Map.of());
    }
  }

  /// The user of this name as memory has it; null when there is none.
  @Nullable Person peek(String name) {
    Resource users = resources.find(Kinds.GROUP, USERS);
    return users == null || name.isEmpty() ? null : person(users.peek("", name));
  }

  /// The user of this name as the store has it; null when there is none.
  @Nullable Person find(String name) throws InterruptedException {
    Resource users = resources.find(Kinds.GROUP, USERS);
    return users == null || !isName(name) ? null : person(users.find("", name));
  }

  /// Whatever somebody types as a user name becomes a piece of a key.
  private static boolean isName(String name) {
    boolean good = !name.isEmpty() && name.length() <= 63;
    for (int i = 0; i < name.length() && good; i++) {
      char c = name.charAt(i);
      good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }
    return good;
  }

  private static @Nullable Person person(@Nullable CacheItem item) {
    if (item == null) {
      return null;
    }
    ObjectNode user = item.object().toTree();
    Role role = Role.named(user.at("/spec/role").asString(""));
    boolean leaving = !user.at("/metadata/deletionTimestamp").isMissingNode();
    return role == null || leaving
        ? null
        : new Person(
            user.at("/metadata/name").asString(""), user.at("/metadata/uid").asString(""), role);
  }
}
