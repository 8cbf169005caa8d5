package dev.otherix.ctl.connect;

import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.codec.CanonicalJson;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.status.ApiException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What servers serve, remembered on disk for a while, so that not every command has to ask. One
/// file for each server; what is too old is deleted when something is written. A file that cannot
/// be used is as good as none.
final class DiscoveryCache {
  static final Duration AGE_MAX = Duration.ofMinutes(10);
  static final int FILE_BYTES_MAX = 4 * 1024 * 1024;

  private static final int NAME_LENGTH_MAX = 100;

  private final Path folder;
  private final InstantSource clock;

  DiscoveryCache(Path folder, InstantSource clock) {
    this.folder = folder;
    this.clock = clock;
  }

  /// @param server its address
  Optional<List<ServedType>> read(String server) throws IOException {
    Path file = file(server);
    if (!Files.exists(file) || !isFresh(file) || Files.size(file) > FILE_BYTES_MAX) {
      return Optional.empty();
    }
    try {
      ObjectNode tree = Json.parseObject(Files.readString(file, StandardCharsets.UTF_8));
      if (!tree.path("server").asString("").equals(server)) {
        return Optional.empty();
      }
      List<ServedType> types = new ArrayList<>();
      for (JsonNode each : tree.path("types")) {
        types.add(type(each));
      }
      return types.isEmpty() ? Optional.empty() : Optional.of(types);
    } catch (ApiException e) {
      throw new IOException(file + " is no JSON: " + e.getMessage(), e);
    }
  }

  /// A file of the future is of a clock that was set back.
  private boolean isFresh(Path file) throws IOException {
    Instant written = Files.getLastModifiedTime(file).toInstant();
    Instant now = clock.instant();
    return !written.isAfter(now) && now.isBefore(written.plus(AGE_MAX));
  }

  void write(String server, List<ServedType> types) throws IOException {
    ObjectNode tree = JsonNodeFactory.instance.objectNode().put("server", server);
    ArrayNode list = tree.putArray("types");
    types.forEach(each -> list.add(tree(each)));
    byte[] bytes = CanonicalJson.encode(tree);
    if (bytes.length > FILE_BYTES_MAX) {
      return;
    }
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    deleteOld();
    Path fresh =
        Files.createTempFile(
            folder,
            "new",
            "",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(fresh, bytes);
    Files.move(fresh, file(server), StandardCopyOption.ATOMIC_MOVE);
  }

  private void deleteOld() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path each : files) {
        if (Files.isRegularFile(each) && !isFresh(each)) {
          Files.deleteIfExists(each);
        }
      }
    }
  }

  private Path file(String server) {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < Math.min(server.length(), NAME_LENGTH_MAX); i++) {
      char each = server.charAt(i);
      boolean plain = each < 128 && Character.isLetterOrDigit(each);
      name.append(plain ? each : '_');
    }
    return folder.resolve(name + "-" + Integer.toHexString(server.hashCode()) + ".json");
  }

  private static ObjectNode tree(ServedType type) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("group", type.resource().group()).put("version", type.resource().version());
    tree.put("resource", type.resource().resource()).put("kind", type.kind());
    tree.put("namespaced", type.namespaced()).put("singular", type.singular());
    put(tree, "verbs", type.verbs());
    put(tree, "shortNames", type.shortNames());
    put(tree, "categories", type.categories());
    return tree;
  }

  private static void put(ObjectNode tree, String name, Collection<String> texts) {
    ArrayNode list = tree.putArray(name);
    texts.forEach(list::add);
  }

  private static ServedType type(JsonNode tree) {
    return new ServedType(
        new GroupVersionResource(
            tree.path("group").asString(""),
            tree.path("version").asString(""),
            tree.path("resource").asString("")),
        tree.path("kind").asString(""),
        tree.path("namespaced").asBoolean(false),
        new HashSet<>(texts(tree.path("verbs"))),
        tree.path("singular").asString(""),
        texts(tree.path("shortNames")),
        texts(tree.path("categories")));
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(each -> texts.add(each.asString("")));
    return texts;
  }
}
