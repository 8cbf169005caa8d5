package dev.otherix.apiserver.server;

import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.request.Call;

/// Adds what every answer says: its id, that caches must not keep it, and the warnings.
final class AnswerHeaders implements Filter {
  @Override
  public Answer handle(Call call, Step next) throws InterruptedException {
    Answer answer = next.handle(call);
    Headers headers = answer.headers().with(RequestIds.HEADER, call.id());
    if (headers.first("cache-control") == null) {
      headers = headers.with("cache-control", "no-cache, private");
    }
    for (String text : call.warnings().texts()) {
      headers = headers.with("warning", "299 - \"" + escaped(text) + "\"");
    }
    return switch (answer) {
      case Answer.Whole whole -> new Answer.Whole(whole.status(), headers, whole.body());
      case Answer.Stream stream ->
          new Answer.Stream(stream.status(), headers, stream.messages(), stream.allowed());
    };
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
