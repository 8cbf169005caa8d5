package dev.otherix.apiserver.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

final class AuditFileTest {
  @TempDir Path folder;

  private static AuditEvent event(int number, int code) {
    return new AuditEvent(
        Instant.parse("2026-01-01T00:00:00Z"),
        "id-" + number,
        "jane",
        null,
        "create",
        new AuditEvent.ObjectReference("otherix", "vms", "", "web\n0", ""),
        "",
        "10.0.0.1:1",
        "test",
        code,
        1200,
        Map.of("a/b", "c"));
  }

  @Test
  void record_isOneLineOfJson_thatOnlyTheOwnerReads() throws Exception {
    Path file = folder.resolve("audit.log");
    try (AuditFile log = AuditFile.open(file, 1_000_000, 2)) {
      log.record(event(1, 201), true);
      log.record(event(2, 403), true);
      log.record(event(3, 503), true);
    }
    List<String> lines = Files.readAllLines(file);
    assertEquals(3, lines.size());
    ObjectNode first = Json.parseObject(lines.getFirst());
    assertEquals("done", first.path("outcome").asString());
    assertEquals("web\n0", first.at("/object/name").asString());
    assertFalse(first.has("actedAs"));
    assertEquals("refused", Json.parseObject(lines.get(1)).path("outcome").asString());
    assertEquals("failed", Json.parseObject(lines.get(2)).path("outcome").asString());
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  @Test
  void record_pastTheLimit_goesOnInANewFile_andTheOldestGoes() throws Exception {
    Path file = folder.resolve("audit.log");
    for (int i = 0; i < 12; i++) {
      try (AuditFile log = AuditFile.open(file, 700, 2)) {
        log.record(event(i, 201), true);
      }
    }
    List<String> ids = new ArrayList<>();
    for (String name : List.of("audit.log.2", "audit.log.1", "audit.log")) {
      Path each = folder.resolve(name);
      assertTrue(Files.size(each) <= 700, name);
      ids.addAll(ids(each));
    }
    assertFalse(Files.exists(folder.resolve("audit.log.3")));
    assertEquals("id-11", ids.getLast());
    for (int i = 1; i < ids.size(); i++) {
      assertEquals(number(ids.get(i - 1)) + 1, number(ids.get(i)), "in order, without a gap");
    }
  }

  private static List<String> ids(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(line -> Json.parseObject(line).path("id").asString())
        .toList();
  }

  private static int number(String id) {
    return Integer.parseInt(id.substring(3));
  }
}
