package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Body;
import dev.otherix.apiserver.http.Handler;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.http.MessageStream;
import dev.otherix.apiserver.http.Peer;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.http.WouldWait;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// Sends requests to a server without a socket, as the wire would.
final class InProcessClient {
  private final Handler handler;
  private final Headers common;

  InProcessClient(Handler handler, String token) {
    this.handler = handler;
    this.common = token.isEmpty() ? Headers.NONE : Headers.of("authorization", "Bearer " + token);
  }

  /// What came back.
  record Reply(int status, Headers headers, byte[] bytes) {
    String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }

    ObjectNode json() {
      return (ObjectNode) Json.decode(bytes, Limits.STORED).tree();
    }

    String at(String pointer) {
      return json().at(pointer).asString("");
    }

    List<String> warnings() {
      return headers.all("warning");
    }
  }

  Reply get(String path) {
    return send("GET", path, "", Headers.NONE);
  }

  Reply post(String path, String json) {
    return send("POST", path, json, Headers.of("content-type", "application/json"));
  }

  Reply put(String path, String json) {
    return send("PUT", path, json, Headers.of("content-type", "application/json"));
  }

  Reply patch(String path, String type, String body) {
    return send("PATCH", path, body, Headers.of("content-type", type));
  }

  Reply apply(String path, String yaml) {
    return patch(path, "application/apply-patch+yaml", yaml);
  }

  Reply delete(String path, String json) {
    return send("DELETE", path, json, Headers.of("content-type", "application/json"));
  }

  Reply send(String method, String pathAndQuery, String body, Headers headers) {
    Answer answer = answer(method, pathAndQuery, body, headers);
    if (!(answer instanceof Answer.Whole whole)) {
      throw new AssertionError("a stream instead of an answer: " + pathAndQuery);
    }
    return new Reply(whole.status(), whole.headers(), bytes(whole.body()));
  }

  /// The messages of a watch; ends when they end, or when none comes for a while.
  TestWatch watch(String pathAndQuery, Headers headers) {
    Answer answer = answer("GET", pathAndQuery, "", headers);
    if (!(answer instanceof Answer.Stream stream)) {
      Answer.Whole whole = (Answer.Whole) answer;
      throw new AssertionError(
          "no stream: " + new String(bytes(whole.body()), StandardCharsets.UTF_8));
    }
    MessageStream messages = stream.messages();
    return new TestWatch(messages);
  }

  private Answer answer(String method, String pathAndQuery, String body, Headers headers) {
    int question = pathAndQuery.indexOf('?');
    String path = question < 0 ? pathAndQuery : pathAndQuery.substring(0, question);
    String query = question < 0 ? "" : pathAndQuery.substring(question + 1);
    Headers[] all = {common};
    headers.forEach((name, value) -> all[0] = all[0].with(name, value));
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    Peer peer = new Peer("in-process", List.of(), null);
    try {
      try {
        if (method.equals("GET")) {
          return handler.handle(
              new Request(method, path, query, all[0], bytes, peer, false, false));
        }
      } catch (WouldWait _) {
        // As the wire does: again, on a thread that may wait.
      }
      return handler.handle(new Request(method, path, query, all[0], bytes, peer, false, true));
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  private static byte[] bytes(Body body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    boolean more = true;
    while (more) {
      more = body.writeSlice((bytes, offset, length, _) -> out.write(bytes, offset, length));
    }
    if (out.size() != body.length()) {
      throw new AssertionError("a body of " + out.size() + " bytes said " + body.length());
    }
    return out.toByteArray();
  }
}
