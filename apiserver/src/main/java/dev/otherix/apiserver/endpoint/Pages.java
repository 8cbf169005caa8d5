package dev.otherix.apiserver.endpoint;

import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Handler;
import dev.otherix.apiserver.request.Call;
import java.util.ArrayList;
import java.util.List;

/// What is served and is no resource: discovery, health, metrics, ... Immutable.
public final class Pages {
  public static final Pages NONE = new Pages(List.of());

  private record Page(String path, Handler handler) {
    boolean holds(String asked) {
      return asked.equals(path) || asked.startsWith(path + "/");
    }
  }

  private final List<Page> pages;

  private Pages(List<Page> pages) {
    this.pages = pages;
  }

  /// These pages and what `handler` answers at `path` and below it.
  public Pages with(String path, Handler handler) {
    List<Page> more = new ArrayList<>(pages);
    more.add(new Page(path, handler));
    return new Pages(List.copyOf(more));
  }

  Answer answer(Call call) throws InterruptedException {
    String path = call.route().path();
    String asked =
        path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    for (Page page : pages) {
      if (page.holds(asked)) {
        return page.handler.handle(call.request());
      }
    }
    throw Router.unknownPath();
  }
}
