package dev.otherix.agent.pools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.AgentCluster;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.ObjectKey;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

@Tag("slow")
final class PoolsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path temp;

  private AgentCluster cluster;
  private Informer pools;
  private Informer settings;

  @BeforeEach
  void start() throws Exception {
    cluster = new AgentCluster();
    cluster.pool(temp.resolve("pools/main"));
    pools = new Informer(cluster.resource("storagepools"), InformerOptions.ALL);
    settings = new Informer(cluster.resource("clustersettings"), InformerOptions.ALL);
  }

  @AfterEach
  void stop() {
    pools.close();
    settings.close();
    cluster.close();
  }

  private Pools known() throws InterruptedException {
    pools.start();
    settings.start();
    assertTrue(pools.awaitSynced(PATIENCE) && settings.awaitSynced(PATIENCE));
    return new Pools(AgentCluster.NODE, pools, settings);
  }

  @Test
  void open_noneAsked_takesTheOneThatTheSettingsName() throws InterruptedException {
    assertEquals("main", known().open(null).name());
  }

  @Test
  void open_noneAskedAndNoneSet_takesTheOneNamedDefault() throws InterruptedException {
    cluster
        .resource("clustersettings")
        .mergePatch(
            ObjectKey.clusterScoped("cluster"),
            "",
            Json.parseObject("{\"spec\": {\"defaultPool\": null}}"));
    ObjectNode pool = cluster.get("storagepools", "main").deepCopy();
    pool.withObject("/metadata").removeAll().put("name", "default");
    cluster.resource("storagepools").create(pool);
    assertEquals("default", known().open(null).name());
  }

  @Test
  void open_ofWhatIsNotThere_tellsWhatToDo() throws InterruptedException {
    Pools none = known();
    String message = assertThrows(PoolException.class, () -> none.open("fast")).getMessage();
    assertEquals("the pool \"fast\" does not exist; create it", message);
  }
}
