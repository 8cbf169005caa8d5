package dev.otherix.apiserver.discovery;

import dev.otherix.apimachinery.codec.ByteSink;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.http.Peer;
import dev.otherix.apiserver.http.Request;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Requests as the wire hands them over, and answers as a client reads them.
public final class Requests {
  private static final Peer NOBODY = new Peer("127.0.0.1:1", List.of(), null);

  private Requests() {}

  public static Request get(String target, String... namesAndValues) {
    int mark = target.indexOf('?');
    String path = mark < 0 ? target : target.substring(0, mark);
    String query = mark < 0 ? "" : target.substring(mark + 1);
    Headers headers = Headers.of(List.of(namesAndValues));
    return new Request("GET", path, query, headers, new byte[0], NOBODY, false, true);
  }

  public static Request onEventLoop(Request request) {
    return new Request(
        request.method(),
        request.path(),
        request.query(),
        request.headers(),
        request.body(),
        request.peer(),
        false,
        false);
  }

  public static byte[] body(Answer answer) {
    if (!(answer instanceof Answer.Whole whole)) {
      throw new IllegalStateException("a stream: " + answer);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteSink sink = (bytes, offset, length, _) -> out.write(bytes, offset, length);
    boolean more = true;
    while (more) {
      more = whole.body().writeSlice(sink);
    }
    return out.toByteArray();
  }

  public static String text(Answer answer) {
    return new String(body(answer), StandardCharsets.UTF_8);
  }
}
