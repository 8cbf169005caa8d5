package dev.otherix.ctl.replica;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server as a process with an etcd of its own.
@Tag("slow")
final class ManagedServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final GroupVersionResource MAPS = new GroupVersionResource("", "v1", "configmaps");

  @TempDir private Path folder;

  private ReplicaProcess start() throws Exception {
    return ReplicaProcess.start(folder.resolve("one"), "--store=etcd", "--etcd-managed")
        .awaitReady();
  }

  private ProcessHandle etcd() throws Exception {
    String pid = Files.readString(folder.resolve("one/etcd/etcd.pid"));
    return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
  }

  /// However the server ends, no etcd stays; what it acknowledged does.
  @Test
  void serverKilled_orStopped_takesItsEtcdAlong_andComesBack() throws Exception {
    ReplicaProcess server = start();
    try (ApiClient client = server.client()) {
      client
          .resource(MAPS)
          .create(
              Json.parseObject(
                  """
                  {"apiVersion": "v1", "kind": "ConfigMap",
                   "metadata": {"namespace": "default", "name": "kept"}}
                  """));
    }
    ProcessHandle first = etcd();
    server.kill();
    await().atMost(PATIENCE).until(() -> !first.isAlive());
    try (ReplicaProcess again = start();
        ApiClient client = again.client()) {
      client.resource(MAPS).get(new ObjectKey("default", "kept"));
      ProcessHandle second = etcd();
      again.signal("TERM");
      String end = again.awaitEnd();
      assertTrue(end.startsWith("143 ") || end.startsWith("0 "), end);
      assertTrue(!second.isAlive(), "etcd ended before its server");
    }
  }
}
