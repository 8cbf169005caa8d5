package dev.otherix.ctl.stream;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ByteSocket;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Opens streams of machines.
final class MachineStream {
  static final GroupVersionResource VMS = new GroupVersionResource("otherix", "v1", "vms");

  private MachineStream() {}

  /// @param stream `console`, `vnc` or `portforward`
  /// @param body what the server is to know about it
  static ByteSocket open(ApiClient client, String stream, String vm, @Nullable ObjectNode body)
      throws InterruptedException {
    ObjectNode ticket = ticket(client, stream, vm, body);
    String token = ticket.path("token").asString("");
    return client.socket(
        ticket.path("path").asString(""),
        "token=" + URLEncoder.encode(token, StandardCharsets.UTF_8));
  }

  /// What opens the stream once, within thirty seconds.
  static ObjectNode ticket(ApiClient client, String stream, String vm, @Nullable ObjectNode body)
      throws InterruptedException {
    return client.resource(VMS).perform(ObjectKey.clusterScoped(vm), stream, body);
  }
}
