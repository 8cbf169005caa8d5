package dev.otherix.apiserver.endpoint;

import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.request.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// What is served and is no resource: discovery, health, metrics, ... Immutable.
public final class Pages {
  public static final Pages NONE = new Pages(List.of());

  /// Answers requests of every method.
  @FunctionalInterface
  public interface PathHandler {
    Answer handle(Call call) throws InterruptedException;
  }

  private record Page(String path, PathHandler handler) {
    boolean holds(String asked) {
      return asked.equals(path) || asked.startsWith(path + "/");
    }
  }

  private final List<Page> pages;

  private Pages(List<Page> pages) {
    this.pages = pages;
  }

  /// These pages and what `content` answers to a GET at `path` and below it; empty for what is not
  /// there. It may throw [dev.otherix.apiserver.http.WouldWait].
  public Pages with(String path, Function<Request, Optional<Answer>> content) {
    List<Page> more = new ArrayList<>(pages);
    more.add(new Page(path, call -> read(call, content)));
    return new Pages(List.copyOf(more));
  }

  /// These pages and what `handler` answers to any request at `path` and below it.
  public Pages serving(String path, PathHandler handler) {
    List<Page> more = new ArrayList<>(pages);
    more.add(new Page(path, handler));
    return new Pages(List.copyOf(more));
  }

  private static Answer read(Call call, Function<Request, Optional<Answer>> content) {
    if (!call.request().reads()) {
      throw Router.notAllowed(call);
    }
    return content.apply(call.request()).orElseThrow(Router::unknownPath);
  }

  Answer answer(Call call) throws InterruptedException {
    String path = call.route().path();
    boolean slash = path.length() > 1 && path.endsWith("/");
    String asked = slash ? path.substring(0, path.length() - 1) : path;
    for (Page page : pages) {
      if (page.holds(asked)) {
        return page.handler.handle(call);
      }
    }
    throw Router.unknownPath();
  }
}
