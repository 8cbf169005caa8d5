package dev.otherix.agent.images;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Where images may come from, and how much of them is taken.
///
/// @param bytesMax of one image
/// @param timeMax of one download
/// @param silenceMax how long a source may send nothing
/// @param folders that `file:` sources must lie in
/// @param privateHosts hosts that may be asked although they are this machine, or of its link
public record ImageLimits(
    long bytesMax,
    Duration timeMax,
    Duration silenceMax,
    List<Path> folders,
    List<String> privateHosts) {
  public static final ImageLimits DEFAULT =
      new ImageLimits(
          64L * 1024 * 1024 * 1024,
          Duration.ofHours(1),
          Duration.ofSeconds(30),
          List.of(),
          List.of());

  public ImageLimits {
    folders = List.copyOf(folders);
    privateHosts = List.copyOf(privateHosts);
  }

  public ImageLimits withFolders(List<Path> allowed) {
    return new ImageLimits(bytesMax, timeMax, silenceMax, allowed, privateHosts);
  }

  public ImageLimits withPrivateHosts(List<String> hosts) {
    return new ImageLimits(bytesMax, timeMax, silenceMax, folders, hosts);
  }
}
