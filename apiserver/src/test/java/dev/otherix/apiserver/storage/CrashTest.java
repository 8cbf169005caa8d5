package dev.otherix.apiserver.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A few kills; `hack/crash` does many.
@Tag("slow")
final class CrashTest {
  private static final int KILLS = 10;

  @TempDir private Path folder;

  @Test
  void kills_atAnyTime_loseNothing() throws IOException, InterruptedException {
    CrashRun.Report report = new CrashRun(folder, 20_260_101).run(KILLS);
    assertEquals(0, report.lost(), report.toString());
    assertEquals(0, report.phantom(), report.toString());
    assertTrue(report.writes() > 100, report.toString());
  }
}
