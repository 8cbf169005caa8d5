package dev.otherix.agent.images;

import dev.otherix.agent.state.DurableFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/// Removes images that no disk needs when there are too many, those first that were used longest
/// ago. The caller's lock guards it.
final class Eviction {
  private static final System.Logger LOG = System.getLogger(Eviction.class.getName());

  /// How long a part of an image waits for the rest.
  private static final Duration PART_MAX = Duration.ofHours(24);

  private static final int NAME_CHARACTERS = 64;

  private final Path folder;
  private final ImageLimits limits;
  private final ImageUses uses;

  Eviction(Path folder, ImageLimits limits, ImageUses uses) {
    this.folder = folder;
    this.limits = limits;
    this.uses = uses;
  }

  static Path part(Path folder, String key) {
    return DurableFile.partOf(folder.resolve("download-" + key));
  }

  /// Removes parts that nobody can go on with.
  static void sweep(Path folder, Instant now) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Path version = Download.versionOf(file);
        if (DurableFile.isPart(file) && (!Files.exists(version) || isOld(file, now))) {
          Files.deleteIfExists(version);
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static boolean isOld(Path file, Instant now) throws IOException {
    return Files.getLastModifiedTime(file).toInstant().plus(PART_MAX).isBefore(now);
  }

  private record Held(Path file, long bytes, FileTime used) {}

  /// Makes room for so many bytes as far as that is possible.
  ///
  /// @param fresh an image that stays in any case
  void makeRoom(long bytes, Path fresh) throws IOException {
    List<Held> images = new ArrayList<>();
    long total = bytes;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (file.getFileName().toString().length() == NAME_CHARACTERS) {
          Held each = new Held(file, Files.size(file), Files.getLastModifiedTime(file));
          total += each.bytes;
          images.add(each);
        }
      }
    }
    images.sort(Comparator.comparing(Held::used));
    Set<String> needed = uses.images();
    for (Held each : images) {
      long free = Files.getFileStore(folder).getUsableSpace() - bytes;
      if (total <= limits.storeBytesMax() && free >= limits.freeBytesMin()) {
        return;
      }
      String sha256 = each.file.getFileName().toString();
      if (!needed.contains(sha256) && !each.file.equals(fresh)) {
        Files.delete(each.file);
        total -= each.bytes;
        LOG.log(
            System.Logger.Level.INFO,
            "image removed to make room sha256={0} bytes={1}",
            sha256,
            Long.toString(each.bytes));
      }
    }
  }
}
