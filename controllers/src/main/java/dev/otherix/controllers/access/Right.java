package dev.otherix.controllers.access;

import static dev.otherix.controllers.access.Scope.ANY;
import static dev.otherix.controllers.access.Scope.NONE;
import static dev.otherix.controllers.access.Scope.OWN;

/// One thing that a role may allow, and on whose objects. The only place where this is decided;
/// [Rules] says which request needs which right.
enum Right {
  VM_READ("vm:read", ANY, ANY, ANY, ANY),
  VM_CREATE("vm:create", ANY, ANY, ANY, NONE),
  VM_UPDATE("vm:update", ANY, ANY, OWN, NONE),
  VM_DELETE("vm:delete", ANY, ANY, OWN, NONE),
  VM_LIFECYCLE("vm:lifecycle", ANY, ANY, OWN, NONE),
  VM_CONSOLE("vm:console", ANY, ANY, OWN, NONE),
  VM_CONNECT("vm:connect", ANY, ANY, OWN, NONE),
  SNAPSHOT_READ("snapshot:read", ANY, ANY, ANY, ANY),
  SNAPSHOT_CREATE("snapshot:create", ANY, ANY, ANY, NONE),
  SNAPSHOT_UPDATE("snapshot:update", ANY, ANY, OWN, NONE),
  SNAPSHOT_DELETE("snapshot:delete", ANY, ANY, OWN, NONE),
  SNAPSHOT_RESTORE("snapshot:restore", ANY, ANY, OWN, NONE),
  NETWORK_READ("network:read", ANY, ANY, ANY, ANY),
  NETWORK_MANAGE("network:manage", ANY, NONE, NONE, NONE),
  STORAGE_POOL_READ("storage_pool:read", ANY, ANY, ANY, ANY),
  STORAGE_POOL_MANAGE("storage_pool:manage", ANY, NONE, NONE, NONE),
  STORAGE_POOL_SCAN("storage_pool:scan", ANY, ANY, NONE, NONE),
  NODE_READ("node:read", ANY, ANY, ANY, ANY),
  NODE_DETAIL("node:detail", ANY, ANY, NONE, NONE),
  NODE_MAINTENANCE("node:maintenance", ANY, ANY, NONE, NONE),
  NODE_MANAGE("node:manage", ANY, NONE, NONE, NONE),
  USER_READ("user:read", ANY, ANY, OWN, OWN),
  USER_UPDATE("user:update", ANY, OWN, OWN, OWN),
  USER_MANAGE("user:manage", ANY, NONE, NONE, NONE),
  API_TOKEN_MANAGE("api_token:manage", ANY, OWN, OWN, OWN),
  TASK_READ("task:read", ANY, ANY, OWN, OWN),
  TASK_CANCEL("task:cancel", ANY, ANY, OWN, NONE),
  CLUSTER_READ("cluster:read", ANY, ANY, ANY, ANY),
  CLUSTER_MANAGE("cluster:manage", ANY, NONE, NONE, NONE);

  private final String wireName;
  private final Scope admin;
  private final Scope operator;
  private final Scope developer;
  private final Scope viewer;

  Right(String wireName, Scope admin, Scope operator, Scope developer, Scope viewer) {
    this.wireName = wireName;
    this.admin = admin;
    this.operator = operator;
    this.developer = developer;
    this.viewer = viewer;
  }

  String wireName() {
    return wireName;
  }

  Scope of(Role role) {
    return switch (role) {
      case ADMIN -> admin;
      case OPERATOR -> operator;
      case DEVELOPER -> developer;
      case VIEWER -> viewer;
    };
  }
}
