package dev.otherix.agent.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What the kernel tells about the host. What it does not tell is 0 or empty.
///
/// @param root `/`, or a copy of its `proc` and `sys` in a test
public record HostReader(Path root) {
  private static final long KIBIBYTES_PER_MEBIBYTE = 1024;

  /// @param memoryAvailableMiB what new processes could have, by the kernel's own estimate
  public record Host(
      int cpus,
      String cpuModel,
      long memoryMiB,
      long memoryAvailableMiB,
      long diskBytes,
      long diskAvailableBytes,
      long hugepages2Mi,
      long hugepages1Gi,
      String kernel,
      String bootId,
      boolean nestedVirtualization) {}

  public Host read() {
    try {
      List<String> cpus = lines("proc/cpuinfo");
      List<String> memory = lines("proc/meminfo");
      FileStore disk = Files.getFileStore(root);
      return new Host(
          (int) cpus.stream().filter(each -> each.startsWith("processor")).count(),
          after(cpus, "model name"),
          number(after(memory, "MemTotal")) / KIBIBYTES_PER_MEBIBYTE,
          number(after(memory, "MemAvailable")) / KIBIBYTES_PER_MEBIBYTE,
          disk.getTotalSpace(),
          disk.getUsableSpace(),
          number(text("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages")),
          number(text("sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages")),
          text("proc/sys/kernel/osrelease"),
          text("proc/sys/kernel/random/boot_id"),
          isYes(text("sys/module/kvm_intel/parameters/nested"))
              || isYes(text("sys/module/kvm_amd/parameters/nested")));
    } catch (IOException e) {
      throw new UncheckedIOException("the host cannot be read: " + e.getMessage(), e);
    }
  }

  private static boolean isYes(String text) {
    return text.equals("Y") || text.equals("1");
  }

  private List<String> lines(String path) throws IOException {
    Path file = root.resolve(path);
    return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
  }

  private String text(String path) throws IOException {
    List<String> lines = lines(path);
    return lines.isEmpty() ? "" : lines.getFirst().strip();
  }

  /// What stands behind the colon on the first line that begins so.
  private static String after(List<String> lines, String label) {
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).strip().equals(label)) {
        return line.substring(colon + 1).strip();
      }
    }
    return "";
  }

  /// The digits at the beginning.
  private static long number(String text) {
    int end = 0;
    while (end < text.length() && Character.digit(text.charAt(end), 10) >= 0) {
      end++;
    }
    return end == 0 ? 0 : Long.parseLong(text.substring(0, end));
  }
}
