package dev.otherix.agent.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.kill.KillCampaign.Operation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A real agent with real QEMUs is killed at each fault point that each operation passes. The next
/// agent must finish the operation, with one QEMU at most all the time and on the disk that there
/// was: the guest counts its boots on it.
///
/// Which points there are is found in the code, and how often an operation passes them by trial.
/// Where a record is written, the files are the same at the first two of three points, so the first
/// is taken once only; `-Dkill.all=true` takes it each time.
@Tag("slow")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
final class KillTest {
  @TempDir private static Path kept;
  private static AgentStart start;
  @TempDir private Path temp;
  private final List<KillCampaign> campaigns = new ArrayList<>();

  @BeforeAll
  static void archive() throws Exception {
    start = AgentStart.archived(kept);
  }

  private KillCampaign begin(String name) throws Exception {
    KillCampaign campaign = new KillCampaign(start, Files.createDirectory(temp.resolve(name)));
    campaigns.add(campaign);
    return campaign;
  }

  @AfterEach
  void stop() throws Exception {
    for (KillCampaign each : campaigns) {
      each.stop();
    }
  }

  /// Two campaigns side by side: each waits for guests and agents most of the time.
  @Test
  void kill_atEachPointOfEachOperation_isSurvived() throws Exception {
    Set<Operation> others = EnumSet.complementOf(EnumSet.copyOf(KillCampaign.AROUND_A_STOP));
    Set<String> killedAt = new TreeSet<>();
    int kills = 0;
    KillCampaign first = begin("a");
    KillCampaign second = begin("b");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> running =
          threads.submit(() -> {
            first.killIn(KillCampaign.AROUND_A_STOP);
            return true;
          });
      second.killIn(others);
      running.get();
    }
    for (KillCampaign each : campaigns) {
      killedAt.addAll(each.killedAt());
      kills += each.kills();
    }
    assertEquals(FaultPoints.of(FaultPoints.owners()), killedAt);
    assertTrue(kills >= Operation.values().length, "only " + kills + " kills");
    System.out.println("KillTest: " + kills + " kills");
  }

  @Test
  void reboot_ofTheHost_startsWhatWasToRunAndNothingElse() throws Exception {
    begin("a").rebootHost();
  }
}
