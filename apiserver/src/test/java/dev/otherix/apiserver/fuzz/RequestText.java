package dev.otherix.apiserver.fuzz;

import dev.otherix.apiserver.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A request as one text, so that a fuzzer can change it: `METHOD /path?query`, then after tabs the
/// headers, then after an empty field the body. A body whose characters are all below 256 stands
/// for these bytes, so that any bytes can be said.
public record RequestText(String method, String path, String query, Headers headers, byte[] body) {

  /// Reads any text at all.
  public static RequestText parse(String text) {
    String[] fields = text.split("\t", -1);
    int space = fields[0].indexOf(' ');
    String method = space < 0 ? "GET" : fields[0].substring(0, space);
    String target = space < 0 ? fields[0] : fields[0].substring(space + 1);
    int question = target.indexOf('?');
    List<String> headers = new ArrayList<>();
    int at = 1;
    for (; at < fields.length && !fields[at].isEmpty(); at++) {
      int colon = fields[at].indexOf(':');
      String name = colon < 0 ? fields[at] : fields[at].substring(0, colon);
      headers.add(name.toLowerCase(Locale.ROOT));
      headers.add(colon < 0 ? "" : fields[at].substring(colon + 1).strip());
    }
    StringBuilder body = new StringBuilder();
    for (int i = at + 1; i < fields.length; i++) {
      body.append(i == at + 1 ? "" : "\t").append(fields[i]);
    }
    return new RequestText(
        method.isEmpty() ? "GET" : method,
        question < 0 ? target : target.substring(0, question),
        question < 0 ? "" : target.substring(question + 1),
        Headers.of(headers),
        bytes(body.toString()));
  }

  private static byte[] bytes(String body) {
    boolean latin = body.chars().allMatch(each -> each < 256);
    return body.getBytes(latin ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
  }
}
