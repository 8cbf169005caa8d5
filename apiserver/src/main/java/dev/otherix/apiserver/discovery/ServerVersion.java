package dev.otherix.apiserver.discovery;

import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What `/version` tells: the Kubernetes release whose API this server speaks, and its own version
/// behind the plus sign. Clients compare the former, people read the latter.
///
/// @param own version of this server, such as `0.1.0`
/// @param commit of its source, empty where unknown
/// @param buildDate in RFC 3339, empty where unknown
public record ServerVersion(String own, String commit, String buildDate) {
  static final String MAJOR = "1";
  static final String MINOR = "33";

  /// Such as `v1.33.0+otherix-0.1.0`, a semantic version.
  public String gitVersion() {
    StringBuilder out = new StringBuilder("v" + MAJOR + "." + MINOR + ".0+otherix-");
    for (int i = 0; i < own.length(); i++) {
      char c = own.charAt(i);
      boolean allowed =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
      out.append(allowed ? c : '-');
    }
    return out.toString();
  }

  public ObjectNode toJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("major", MAJOR)
        .put("minor", MINOR)
        .put("gitVersion", gitVersion())
        .put("gitCommit", commit)
        .put("gitTreeState", commit.isEmpty() ? "" : "clean")
        .put("buildDate", buildDate)
        .put("goVersion", "java" + Runtime.version().feature())
        .put("compiler", "javac")
        .put("platform", platform());
  }

  /// As a document that never changes.
  public ServedDocument document() {
    return new ServedDocument(
        "application/json", () -> toJson().toString().getBytes(StandardCharsets.UTF_8));
  }

  /// In the words of Go, which clients know.
  private static String platform() {
    String arch =
        switch (System.getProperty("os.arch", "")) {
          case "amd64", "x86_64" -> "amd64";
          case "aarch64", "arm64" -> "arm64";
          default -> System.getProperty("os.arch", "unknown");
        };
    return (System.getProperty("os.name", "").startsWith("Linux") ? "linux" : "other") + "/" + arch;
  }
}
