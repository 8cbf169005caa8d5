package dev.otherix.apiserver.inprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.client.WireAnswer;
import dev.otherix.apimachinery.client.WireRequest;
import dev.otherix.apiserver.auth.Caller;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class InProcessTransportTest extends ClientContract {
  private final InProcessIdentity identity =
      new InProcessIdentity(Caller.of("tester", List.of(Caller.MASTERS)));

  @Override
  WidgetServer start() throws Exception {
    return WidgetServer.start(WidgetServer.newStore(), List.of(identity), List.of());
  }

  @Override
  Transport connect(WidgetServer to) {
    return new InProcessTransport(to.server().handler(), identity);
  }

  @Test
  void request_afterTheServerStopped_isTurnedAway() throws Exception {
    WidgetServer stopped = start();
    stopped.close();
    WireAnswer answer =
        connect(stopped)
            .send(
                new WireRequest(
                    "GET",
                    "/apis/example.io/v1/namespaces/default/widgets/a",
                    "",
                    Map.of(),
                    new byte[0],
                    Duration.ofSeconds(20)));
    assertEquals(503, answer.status());
  }
}
