package dev.otherix.controllers.relay;

import dev.otherix.apimachinery.codec.ByteSink;
import dev.otherix.apiserver.http.MessageStream;

/// Two connections, each of which gets what the other sends. When one ends, so does the other, once
/// it has what was sent before.
final class Pipe {
  private final MessageStream person;
  private final MessageStream agent;

  Pipe() {
    Flow toPerson = new Flow();
    Flow toAgent = new Flow();
    this.person = new End(toPerson, toAgent);
    this.agent = new End(toAgent, toPerson);
  }

  MessageStream person() {
    return person;
  }

  MessageStream agent() {
    return agent;
  }

  private record End(Flow in, Flow out) implements MessageStream {
    @Override
    public void open(Runnable wakeUp) {
      in.onParts(wakeUp);
    }

    @Override
    public Next next(ByteSink sink) {
      return in.next(sink);
    }

    @Override
    public boolean bytes() {
      return true;
    }

    @Override
    public void openInput(Runnable more) {
      out.onRoom(more);
    }

    @Override
    public boolean receive(byte[] part) {
      return out.put(part);
    }

    @Override
    public void drain() {
      in.end();
    }

    @Override
    public void close() {
      out.end();
      in.abandon();
    }
  }
}
