package dev.otherix.agent.images;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Where images may come from, how much of them is taken, and how many are kept.
///
/// @param bytesMax of one image
/// @param timeMax of one download
/// @param silenceMax how long a source may send nothing
/// @param folders that `file:` sources must lie in
/// @param privateHosts hosts that may be asked although they are this machine, or of its link
/// @param storeBytesMax of all images; those that no disk needs go when there are more
/// @param freeBytesMin on the file system of the store; the same when less is free
public record ImageLimits(
    long bytesMax,
    Duration timeMax,
    Duration silenceMax,
    List<Path> folders,
    List<String> privateHosts,
    long storeBytesMax,
    long freeBytesMin) {
  private static final long GIBIBYTE = 1024L * 1024 * 1024;

  public static final ImageLimits DEFAULT =
      new ImageLimits(
          64 * GIBIBYTE,
          Duration.ofHours(1),
          Duration.ofSeconds(30),
          List.of(),
          List.of(),
          Long.MAX_VALUE,
          2 * GIBIBYTE);

  public ImageLimits {
    folders = List.copyOf(folders);
    privateHosts = List.copyOf(privateHosts);
  }

  public ImageLimits withFolders(List<Path> allowed) {
    return new ImageLimits(
        bytesMax, timeMax, silenceMax, allowed, privateHosts, storeBytesMax, freeBytesMin);
  }

  public ImageLimits withPrivateHosts(List<String> hosts) {
    return new ImageLimits(
        bytesMax, timeMax, silenceMax, folders, hosts, storeBytesMax, freeBytesMin);
  }

  /// @param storeBytes of all images
  /// @param freeBytes that are left to others
  public ImageLimits withRoom(long storeBytes, long freeBytes) {
    return new ImageLimits(
        bytesMax, timeMax, silenceMax, folders, privateHosts, storeBytes, freeBytes);
  }

  /// @param time of one download
  /// @param silence of a source
  public ImageLimits withTimes(Duration time, Duration silence) {
    return new ImageLimits(
        bytesMax, time, silence, folders, privateHosts, storeBytesMax, freeBytesMin);
  }

  public ImageLimits withBytes(long ofOne) {
    return new ImageLimits(
        ofOne, timeMax, silenceMax, folders, privateHosts, storeBytesMax, freeBytesMin);
  }
}
