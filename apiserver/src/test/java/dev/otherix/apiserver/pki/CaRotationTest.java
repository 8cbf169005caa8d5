package dev.otherix.apiserver.pki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.apiserver.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CaRotationTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final InstantSource CLOCK = InstantSource.system();

  @TempDir private Path folder;
  private final Storage store = new MemoryStorage(CLOCK);

  private CaRotation open(Path directory) throws IOException {
    return CaRotation.open(directory, new Records(store, CaRotation.AREA), CLOCK, RANDOM);
  }

  private CaRotation open() throws IOException {
    return open(folder);
  }

  private X509Certificate onDisk() throws IOException {
    return Pem.readCertificates(Files.readString(folder.resolve("ca.crt")), "ca.crt").getFirst();
  }

  @Test
  void open_firstTime_makesTheFilesAndTheRecord() throws IOException {
    ClusterCa ca = open().ca();
    assertEquals(ca.certificate(), onDisk());
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("ca.key"))));
    assertEquals(ca.certificate(), open().ca().certificate());
    assertEquals(CaRotation.Phase.STABLE, open().phase());
  }

  @Test
  void open_filesFromBefore_becomeTheRecord() throws IOException {
    ClusterCa before = ClusterCa.openOrCreate(folder, CLOCK, RANDOM);
    assertEquals(before.certificate(), open().ca().certificate());
  }

  @Test
  void open_filesOfAnotherCluster_isRefused_withARemedy() throws IOException {
    open();
    Path other = folder.resolve("other");
    ClusterCa.openOrCreate(other, CLOCK, RANDOM);
    PkiException e = assertThrows(PkiException.class, () -> open(other));
    assertTrue(
        String.valueOf(e.getMessage()).contains("restore both from one backup"), e::toString);
    Files.delete(other.resolve("ca.crt"));
    PkiException half = assertThrows(PkiException.class, () -> open(other));
    assertTrue(String.valueOf(half.getMessage()).contains("restore the missing"), half::toString);
  }

  @Test
  void open_onAnotherHost_takesTheStoresAuthority() throws IOException {
    ClusterCa ca = open().ca();
    assertEquals(ca.certificate(), open(folder.resolve("second")).ca().certificate());
    assertTrue(Files.exists(folder.resolve("second/ca.key")));
  }

  @Test
  void steps_changeWhoSignsWhat() throws IOException {
    CaRotation rotation = open();
    ClusterCa ca = rotation.ca();
    X509Certificate former = ca.certificate();
    List<CaRotation.Phase> told = new ArrayList<>();
    rotation.onChange(() -> told.add(rotation.phase()));
    rotation.start();
    assertEquals(former, ca.certificate());
    assertEquals(former, ca.signer());
    assertEquals(2, ca.trusted().size());
    rotation.switchSigning();
    X509Certificate next = ca.signer();
    assertNotEquals(former.getSubjectX500Principal(), next.getSubjectX500Principal());
    assertEquals(former, ca.certificate());
    assertEquals(
        next.getSubjectX500Principal(),
        ca.issueClient("jane", List.of()).certificate().getIssuerX500Principal());
    assertEquals(
        former.getSubjectX500Principal(),
        ca.issueServer("s", List.of("s")).certificate().getIssuerX500Principal());
    assertEquals(former, onDisk());
    rotation.finish();
    assertEquals(next, ca.certificate());
    assertEquals(List.of(next), ca.trusted());
    assertEquals(next, onDisk());
    assertEquals(
        List.of(CaRotation.Phase.STARTED, CaRotation.Phase.SWITCHED, CaRotation.Phase.STABLE),
        told);
    assertThrows(ApiException.class, rotation::finish);
  }

  @Test
  void crash_beforeTheFilesFollowed_isMadeUpForByTheNextStart() throws IOException {
    CaRotation rotation = open();
    String certificate = Files.readString(folder.resolve("ca.crt"));
    String key = Files.readString(folder.resolve("ca.key"));
    rotation.start();
    rotation.switchSigning();
    rotation.finish();
    X509Certificate next = rotation.ca().certificate();
    Files.writeString(folder.resolve("ca.crt"), certificate);
    Files.writeString(folder.resolve("ca.key"), key);
    assertEquals(next, open().ca().certificate());
    assertEquals(next, onDisk());
  }

  @Test
  void crash_whileTheFilesWereReplaced_isFinishedByTheNextStart() throws IOException {
    X509Certificate ca = open().ca().certificate();
    String both =
        Files.readString(folder.resolve("ca.key")) + Files.readString(folder.resolve("ca.crt"));
    Files.writeString(folder.resolve("ca.next"), both);
    Files.setPosixFilePermissions(
        folder.resolve("ca.next"), PosixFilePermissions.fromString("rw-------"));
    Files.delete(folder.resolve("ca.key"));
    assertEquals(ca, open().ca().certificate());
    assertFalse(Files.exists(folder.resolve("ca.next")));
  }

  @Test
  void anotherServer_followsWhenItLooks() throws IOException {
    CaRotation here = open();
    CaRotation there = open(folder.resolve("second"));
    here.start();
    assertEquals(1, there.ca().trusted().size());
    assertTrue(there.refresh());
    assertFalse(there.refresh());
    assertEquals(here.ca().trusted(), there.ca().trusted());
    there.switchSigning();
    here.refresh();
    assertEquals(there.ca().signer(), here.ca().signer());
    here.finish();
    there.refresh();
    assertEquals(here.ca().certificate(), there.ca().certificate());
  }
}
