package dev.otherix.apimachinery.client;

import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import tools.jackson.databind.JsonNode;

/// Where a server is and how to prove to it who one is: the current context of a kubeconfig file.
/// Texts are empty when the file does not say.
///
/// @param authority whom to trust, in PEM; empty for those whom the machine trusts
/// @param certificate the client's own, in PEM, followed by who signed it
/// @param key the certificate's, in PEM, PKCS#8
/// @param namespace of whoever names none
/// @param insecure whether anybody may answer in the server's place: what is sent, a token too, is
///   then for everybody on the way
public record Kubeconfig(
    URI server,
    String authority,
    String certificate,
    String key,
    String token,
    String namespace,
    boolean insecure) {
  private static final int FILE_BYTES_MAX = 1024 * 1024;

  /// To a server that has to prove who it is.
  public Kubeconfig(
      URI server,
      String authority,
      String certificate,
      String key,
      String token,
      String namespace) {
    this(server, authority, certificate, key, token, namespace, false);
  }

  /// Reads the file's current context.
  ///
  /// @throws KubeconfigException when it cannot be used; it says what to do
  public static Kubeconfig read(Path file) throws IOException {
    return read(file, "");
  }

  /// @param context empty for the file's current one
  /// @throws KubeconfigException when it cannot be used; it says what to do
  public static Kubeconfig read(Path file, String context) throws IOException {
    if (Files.size(file) > FILE_BYTES_MAX) {
      throw new KubeconfigException(file + " has more than " + FILE_BYTES_MAX + " bytes");
    }
    JsonNode config = Yaml.read(Files.readAllBytes(file), Limits.MANIFEST).tree();
    String wanted = context.isEmpty() ? config.path("current-context").asString("") : context;
    if (wanted.isEmpty()) {
      throw new KubeconfigException(file + " has no current-context: set one, or name a context");
    }
    JsonNode chosen = named(config, "contexts", "context", wanted, file);
    String clusterName = chosen.path("cluster").asString("");
    JsonNode cluster = named(config, "clusters", "cluster", clusterName, file);
    String userName = chosen.path("user").asString("");
    JsonNode user = userName.isEmpty() ? chosen : named(config, "users", "user", userName, file);
    refuseUnknownWays(user, file);
    String authority = content(cluster, "certificate-authority", file);
    boolean insecure = cluster.path("insecure-skip-tls-verify").asBoolean(false);
    if (insecure && !authority.isEmpty()) {
      throw new KubeconfigException(
          file
              + " names a certificate-authority and says insecure-skip-tls-verify: only one of"
              + " them can be meant");
    }
    return new Kubeconfig(
        URI.create(required(cluster, "server", clusterName, file)),
        authority,
        content(user, "client-certificate", file),
        content(user, "client-key", file),
        token(user, file),
        chosen.path("namespace").asString(""),
        insecure);
  }

  boolean isTls() {
    return "https".equals(server.getScheme());
  }

  @Override
  public String toString() {
    return "Kubeconfig[" + server + "]";
  }

  private static void refuseUnknownWays(JsonNode user, Path file) {
    for (String way : new String[] {"exec", "auth-provider", "username", "password"}) {
      if (user.has(way)) {
        throw new KubeconfigException(
            file + " logs in by " + way + ", which is not supported; use a certificate or a token");
      }
    }
  }

  private static JsonNode named(
      JsonNode config, String list, String member, String name, Path file) {
    for (JsonNode each : config.path(list)) {
      if (each.path("name").asString("").equals(name)) {
        return each.path(member);
      }
    }
    throw new KubeconfigException(file + " names \"" + name + "\", which is not in its " + list);
  }

  private static String required(JsonNode object, String member, String name, Path file) {
    String value = object.path(member).asString("");
    if (value.isEmpty()) {
      throw new KubeconfigException(file + ": \"" + name + "\" has no " + member);
    }
    return value;
  }

  private static String token(JsonNode user, Path file) throws IOException {
    String token = user.path("token").asString("");
    String tokenFile = user.path("tokenFile").asString("");
    return token.isEmpty() && !tokenFile.isEmpty()
        ? Files.readString(beside(file, tokenFile)).strip()
        : token;
  }

  /// Of `member-data`, or of the file that `member` names.
  private static String content(JsonNode object, String member, Path file) throws IOException {
    String data = object.path(member + "-data").asString("");
    if (!data.isEmpty()) {
      try {
        return new String(Base64.getMimeDecoder().decode(data), StandardCharsets.US_ASCII);
      } catch (IllegalArgumentException e) {
        throw new KubeconfigException(file + ": " + member + "-data is not base64", e);
      }
    }
    String path = object.path(member).asString("");
    return path.isEmpty() ? "" : Files.readString(beside(file, path));
  }

  private static Path beside(Path file, String path) {
    return file.toAbsolutePath().resolveSibling(path);
  }
}
