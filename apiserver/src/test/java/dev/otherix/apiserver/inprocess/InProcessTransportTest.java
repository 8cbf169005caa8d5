package dev.otherix.apiserver.inprocess;

import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apiserver.auth.Caller;
import java.util.List;

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
}
