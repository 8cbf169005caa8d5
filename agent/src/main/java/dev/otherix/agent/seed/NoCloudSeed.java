package dev.otherix.agent.seed;

import dev.otherix.agent.state.DurableFile;
import dev.otherix.apimachinery.codec.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What cloud-init's NoCloud source is told. The instance is named by the machine's uid, so that a
/// later machine of the same name is a new one to its guest; the host name is the machine's name
/// unless the user data says otherwise.
///
/// @param userData null for none
/// @param networkConfig null when the guest is to ask by DHCP
public record NoCloudSeed(
    String uid, String name, @Nullable String userData, @Nullable String networkConfig) {
  private static final String LABEL = "cidata";
  private static final String EMPTY_USER_DATA = "#cloud-config\n{}\n";

  byte[] volume() {
    SortedMap<String, byte[]> files = new TreeMap<>();
    String metaData =
        "instance-id: "
            + Json.quoted("iid-otherix-" + uid)
            + "\nlocal-hostname: "
            + Json.quoted(name)
            + "\n";
    files.put("meta-data", bytes(metaData));
    files.put("user-data", bytes(userData == null ? EMPTY_USER_DATA : userData));
    files.put("vendor-data", bytes(EMPTY_USER_DATA));
    if (networkConfig != null) {
      files.put("network-config", bytes(networkConfig));
    }
    return JolietVolume.of(LABEL, files);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// Writes the volume unless the file holds it already. Only the agent's user may read it: user
  /// data holds secrets.
  public void write(Path file) throws IOException {
    byte[] volume = volume();
    if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), volume)) {
      DurableFile.write(file, volume);
    }
  }
}
