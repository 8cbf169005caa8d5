package dev.otherix.agent.images;

import dev.otherix.agent.state.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/// Which folders of disks need which image, on disk, so that it is known after a kill. A use ends
/// only when it is said to: a folder that cannot be seen may be on a disk that is not mounted. The
/// caller's lock guards it.
final class ImageUses {
  private final Path folder;

  ImageUses(Path folder) {
    this.folder = folder;
  }

  /// From now on the disks in a folder need this image, and no other.
  void begin(Path disks, String sha256) throws IOException {
    String text = sha256 + " " + disks + "\n";
    Path note = note(disks);
    if (!Files.exists(note) || !Files.readString(note).equals(text)) {
      DurableFile.write(note, text.getBytes(StandardCharsets.UTF_8));
    }
  }

  void end(Path disks) throws IOException {
    Files.deleteIfExists(note(disks));
  }

  /// The disks are about to be at another place: there, they need what they need here.
  void copy(Path disks, Path other) throws IOException {
    Path note = note(disks);
    if (Files.exists(note)) {
      begin(other, sha256(note));
    }
  }

  /// All images that are needed.
  Set<String> images() throws IOException {
    Set<String> needed = new HashSet<>();
    try (DirectoryStream<Path> notes = Files.newDirectoryStream(folder)) {
      for (Path note : notes) {
        if (!DurableFile.isPart(note)) {
          needed.add(sha256(note));
        }
      }
    }
    return needed;
  }

  private static String sha256(Path note) throws IOException {
    return Files.readString(note).split(" ", 2)[0];
  }

  private Path note(Path disks) {
    return folder.resolve(Sha256.hex(disks.toString().getBytes(StandardCharsets.UTF_8)));
  }
}
