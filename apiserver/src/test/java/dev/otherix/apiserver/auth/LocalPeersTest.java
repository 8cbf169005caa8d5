package dev.otherix.apiserver.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.http.Peer;
import dev.otherix.apiserver.http.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalPeersTest {
  private static final int OWN = 998;
  private static final int GROUP = 997;
  private static final int PID = 4711;
  private static final int PERSON = 1000;

  @TempDir private Path proc;

  private @Nullable Caller caller(int uid, int gid) {
    LocalPeers peers =
        new LocalPeers(OWN, new LocalPeers.Members(GROUP, List.of("otherix:admin")), proc);
    Peer peer = new Peer("unix", List.of(), new Peer.UnixCredentials(PID, uid, gid));
    return peers.authenticate(
        new Request("GET", "/", "", Headers.NONE, new byte[0], peer, false, true));
  }

  private void process(int uid, String groups) throws IOException {
    Path folder = Files.createDirectories(proc.resolve(Integer.toString(PID)));
    Files.writeString(
        folder.resolve("status"),
        "Name:\tcurl\nUid:\t%d\t%d\t%d\t%d\nGroups:\t%s \n".formatted(uid, uid, uid, uid, groups));
  }

  @Test
  void authenticate_rootAndTheServersUser_areTheAdministrator() {
    Caller admin = Caller.of("local-admin", List.of(Caller.MASTERS));
    assertEquals(admin, caller(0, 0));
    assertEquals(admin, caller(OWN, 5));
  }

  @Test
  void authenticate_memberByFirstGroup_hasTheRole() {
    assertEquals(Caller.of("local-1000", List.of("otherix:admin")), caller(PERSON, GROUP));
  }

  @Test
  void authenticate_memberByAnotherGroup_hasTheRole() throws IOException {
    process(PERSON, "4 24 " + GROUP);
    assertEquals(Caller.of("local-1000", List.of("otherix:admin")), caller(PERSON, PERSON));
  }

  @Test
  void authenticate_anybodyElse_isNobody() throws IOException {
    assertNull(caller(PERSON, PERSON), "a process that is gone");
    process(PERSON, "4 24 99" + GROUP);
    assertNull(caller(PERSON, PERSON), "a number that only contains the group's");
    process(PERSON + 1, "4 " + GROUP);
    assertNull(caller(PERSON, PERSON), "the number of the process is another user's now");
  }

  @Test
  void authenticate_withoutAGroup_letsNobodyElseIn() {
    Peer peer = new Peer("unix", List.of(), new Peer.UnixCredentials(PID, PERSON, GROUP));
    assertNull(
        new LocalPeers(OWN)
            .authenticate(
                new Request("GET", "/", "", Headers.NONE, new byte[0], peer, false, true)));
  }
}
