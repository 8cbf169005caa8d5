package dev.otherix.apimachinery.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClusterFileTest {
  private static final Cluster HOME =
      new Cluster("home", "https://127.0.0.1:8443", "t", "id", "ca", "cert", "key", false);
  private static final Cluster LAB =
      new Cluster("lab", "https://127.0.0.1:9443", "t", "", "", "", "", true);

  @TempDir private Path folder;

  @Test
  void write_read_isTheSame() {
    Path file = folder.resolve("sub/config");
    ClusterFile written = ClusterFile.EMPTY.with(HOME, false).with(LAB, true);
    written.write(file);
    assertEquals(written, ClusterFile.read(file));
    assertEquals(LAB, ClusterFile.read(file).chosen());
    assertTrue(LAB.kubeconfig().insecure());
  }

  @Test
  void chosen_ofNone_saysWhatToDo() {
    KubeconfigException e =
        assertThrows(
            KubeconfigException.class, () -> ClusterFile.read(folder.resolve("none")).chosen());
    assertTrue(String.valueOf(e.getMessage()).contains("otherixctl config add cluster"));
  }

  @Test
  void read_garbage_namesTheFile() throws IOException {
    Path file = Files.writeString(folder.resolve("config"), "clusters: [\n");
    KubeconfigException e = assertThrows(KubeconfigException.class, () -> ClusterFile.read(file));
    assertTrue(String.valueOf(e.getMessage()).contains(file.toString()));
  }

  @Test
  void kubeconfig_ofNoAddress_isRefused() {
    assertThrows(KubeconfigException.class, () -> Cluster.at("here").kubeconfig());
  }
}
