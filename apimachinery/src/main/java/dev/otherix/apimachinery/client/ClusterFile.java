package dev.otherix.apimachinery.client;

import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.status.ApiException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The servers that a person knows, and which of them is meant when none is named: what
/// `otherixctl` writes to `~/.otherix/config`, and other programs may read. Immutable.
///
/// @param current empty when none is
public record ClusterFile(String current, List<Cluster> clusters) {
  public static final ClusterFile EMPTY = new ClusterFile("", List.of());

  public ClusterFile {
    clusters = List.copyOf(clusters);
  }

  /// A file that is missing is an empty one.
  ///
  /// @throws KubeconfigException when it cannot be read
  public static ClusterFile read(Path file) {
    if (!Files.exists(file)) {
      return EMPTY;
    }
    try {
      JsonNode tree = Yaml.read(Files.readAllBytes(file), Limits.MANIFEST).tree();
      List<Cluster> clusters = new ArrayList<>();
      for (JsonNode each : tree.path("clusters")) {
        clusters.add(
            new Cluster(
                each.path("name").asString(""),
                each.path("server").asString(""),
                each.path("token").asString(""),
                each.path("token-id").asString(""),
                decoded(each, "certificate-authority-data"),
                decoded(each, "client-certificate-data"),
                decoded(each, "client-key-data"),
                each.path("insecure-skip-tls-verify").asBoolean(false)));
      }
      return new ClusterFile(tree.path("current-cluster").asString(""), clusters);
    } catch (IOException | ApiException | IllegalArgumentException e) {
      throw new KubeconfigException(
          "cannot read the configuration " + file + ": " + e.getMessage(), e);
    }
  }

  private static String decoded(JsonNode cluster, String member) {
    return new String(
        Base64.getMimeDecoder().decode(cluster.path(member).asString("")),
        StandardCharsets.US_ASCII);
  }

  /// Replaces the file as a whole, readable by its owner alone: it holds secrets.
  public void write(Path file) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null && !Files.exists(folder)) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      Path fresh = file.resolveSibling(file.getFileName() + ".new");
      Files.deleteIfExists(fresh);
      Files.createFile(
          fresh,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(Yaml.write(toTree()).getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new KubeconfigException(
          "cannot write the configuration " + file + ": " + e.getMessage(), e);
    }
  }

  private ObjectNode toTree() {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", "v1").put("kind", "Config").put("current-cluster", current);
    ArrayNode list = tree.putArray("clusters");
    for (Cluster each : clusters) {
      ObjectNode cluster = list.addObject();
      cluster.put("name", each.name()).put("server", each.server());
      put(cluster, "token", each.token());
      put(cluster, "token-id", each.tokenId());
      put(cluster, "certificate-authority-data", encoded(each.authority()));
      put(cluster, "client-certificate-data", encoded(each.certificate()));
      put(cluster, "client-key-data", encoded(each.key()));
      if (each.insecure()) {
        cluster.put("insecure-skip-tls-verify", true);
      }
    }
    return tree;
  }

  private static void put(ObjectNode cluster, String member, String value) {
    if (!value.isEmpty()) {
      cluster.put(member, value);
    }
  }

  private static String encoded(String pem) {
    return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
  }

  /// The one that is meant when none is named.
  ///
  /// @throws KubeconfigException when there is none
  public Cluster chosen() {
    return find(current)
        .orElseThrow(() ->
            new KubeconfigException(
                "the configuration names no current cluster that it has; add one with:"
                    + " otherixctl config add cluster, or: otherixctl config use"));
  }

  public Optional<Cluster> find(String name) {
    return clusters.stream().filter(each -> each.name().equals(name)).findFirst();
  }

  /// With this one, in the place of the one of its name if there is one.
  ///
  /// @param use whether it becomes the current one, as the first one always does
  public ClusterFile with(Cluster cluster, boolean use) {
    List<Cluster> more = new ArrayList<>(clusters);
    more.removeIf(each -> each.name().equals(cluster.name()));
    more.add(cluster);
    more.sort(Comparator.comparing(Cluster::name));
    return new ClusterFile(use || current.isEmpty() ? cluster.name() : current, more);
  }

  /// Without it; when it was the current one, the first of the others is.
  public ClusterFile without(String name) {
    List<Cluster> left = new ArrayList<>(clusters);
    left.removeIf(each -> each.name().equals(name));
    String next = left.isEmpty() ? "" : left.getFirst().name();
    return new ClusterFile(current.equals(name) ? next : current, left);
  }

  public ClusterFile using(String name) {
    return new ClusterFile(name, clusters);
  }
}
