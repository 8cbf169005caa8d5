package dev.otherix.ctl.replica;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.otherix.agent.Agent;
import dev.otherix.agent.NodeCredentials;
import dev.otherix.agent.Servers;
import dev.otherix.agent.simulated.SimulatedHypervisor;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ByteSocket;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.ApiException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node that joined one of two servers.
@Tag("slow")
final class AgentFailoverTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir private Path folder;

  private ReplicaProcess replica(TestEtcd etcd, String name) throws Exception {
    return ReplicaProcess.start(
        folder.resolve(name), "--store=etcd", "--etcd-endpoints=" + etcd.endpoint());
  }

  /// The token of a console.
  private static String ticket(ApiClient client) throws InterruptedException {
    byte[] answer =
        client.raw("POST", "/apis/otherix/v1/vms/web/console", "", Json.parseObject("{}"));
    return Json.parseObject(new String(answer, StandardCharsets.UTF_8)).path("token").asString();
  }

  @Test
  void agent_isCalledThroughBoth_andGoesOnWithoutTheOneItJoined() throws Exception {
    try (TestEtcd etcd = TestEtcd.start(folder.resolve("etcd"));
        ReplicaProcess one = replica(etcd, "one").awaitReady()) {
      Path key = folder.resolve("two/pki/secrets.key");
      Files.createDirectories(key.getParent());
      Files.copy(folder.resolve("one/pki/secrets.key"), key);
      try (ReplicaProcess two = replica(etcd, "two").awaitReady();
          ApiClient first = one.client();
          ApiClient second = two.client()) {
        TestNode node = new TestNode(folder);
        node.join(first, one.url());
        assertEquals(
            new TreeSet<>(Set.of(one.url(), two.url())),
            new TreeSet<URI>(NodeCredentials.read(folder.resolve("agent")).servers()));
        try (Servers servers = node.servers();
            Agent _ = Agent.start(node.options(new SimulatedHypervisor()), servers)) {
          node.makeMachine(second);
          await().atMost(PATIENCE).until(() -> TestNode.is("running", second));
          String issuedByOne =
              await()
                  .ignoreException(ApiException.class)
                  .atMost(PATIENCE)
                  .until(() -> ticket(first), each -> !each.isEmpty());
          await()
              .ignoreException(ApiException.class)
              .atMost(PATIENCE)
              .until(() -> ticket(second), each -> !each.isEmpty());
          try (ByteSocket _ = second.socket("/v1/streams", "token=" + issuedByOne)) {
            assertThrows(
                ApiException.class, () -> first.socket("/v1/streams", "token=" + issuedByOne));
          }
          one.kill();
          TestNode.want("Paused", second);
          await().atMost(PATIENCE).until(() -> TestNode.is("paused", second));
        }
      }
    }
  }
}
