package dev.otherix.ctl.manifest;

import tools.jackson.databind.node.ObjectNode;

/// How lines about an object call it, and the secret in it that is shown only once.
final class CreatedName {
  private CreatedName() {}

  /// `VM/web-0`; of a token also the token.
  static String of(ObjectNode object) {
    String title =
        object.path("kind").asString("") + "/" + object.at("/metadata/name").asString("");
    String token = object.at("/status/token").asString("");
    return token.isEmpty() ? title : title + " token=" + token;
  }
}
