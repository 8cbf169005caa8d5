package dev.otherix.bench.api;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What came back of one request, whole.
record Answer(int status, byte[] body) {
  /// Sends it on the client's first connection and waits.
  static Answer to(H2Client client, Load.Order order) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    @Nullable Answer[] answer = new Answer[1];
    client.execute(
        0,
        () ->
            client.send(
                0,
                order.method(),
                order.path(),
                order.body(),
                "application/json",
                collect(got -> {
                  answer[0] = got;
                  done.countDown();
                })));
    done.await();
    Answer got = answer[0];
    if (got == null) {
      throw new IllegalStateException("no answer to " + order.path());
    }
    return got;
  }

  static H2Client.Reply collect(Consumer<Answer> done) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    return new H2Client.Reply() {
      @Override
      public void data(ByteBuf part) {
        byte[] copy = new byte[part.readableBytes()];
        part.getBytes(part.readerIndex(), copy);
        bytes.writeBytes(copy);
      }

      @Override
      public void end(int status) {
        done.accept(new Answer(status, bytes.toByteArray()));
      }
    };
  }

  void require(int wanted) {
    if (status != wanted) {
      throw new IllegalStateException(
          "status " + status + ": " + new String(body, StandardCharsets.UTF_8));
    }
  }

  /// What stands between `after` and the next quotation mark.
  String text(String after) {
    String all = new String(body, StandardCharsets.UTF_8);
    int from = all.indexOf(after) + after.length();
    return all.substring(from, all.indexOf('"', from));
  }
}
