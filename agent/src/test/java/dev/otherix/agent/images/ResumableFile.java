package dev.otherix.agent.images;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;

/// A file on the web that can be had from any byte on, as most image servers offer it.
public final class ResumableFile {
  static final String TAG = "\"v1\"";

  private ResumableFile() {}

  public static void serve(HttpExchange exchange, byte[] content) throws IOException {
    serve(exchange, content, TAG, content.length);
  }

  /// @param until where it stops in the middle; the connection breaks then
  static void serve(HttpExchange exchange, byte[] content, String tag, int until)
      throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    String version = exchange.getRequestHeaders().getFirst("If-Range");
    exchange.getResponseHeaders().add("ETag", tag);
    int from = 0;
    if (range != null && tag.equals(version)) {
      from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
      if (from >= content.length) {
        exchange.sendResponseHeaders(416, -1);
        return;
      }
      exchange
          .getResponseHeaders()
          .add(
              "Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
    exchange.getResponseBody().write(content, from, Math.max(0, until - from));
    exchange.getResponseBody().flush();
    exchange.close();
  }
}
