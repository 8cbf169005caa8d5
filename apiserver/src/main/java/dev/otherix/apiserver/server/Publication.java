package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apiserver.discovery.Discovery;
import dev.otherix.apiserver.discovery.ServedDocument;
import dev.otherix.apiserver.discovery.ServedResource;
import dev.otherix.apiserver.discovery.ServerVersion;
import dev.otherix.apiserver.endpoint.Pages;
import dev.otherix.apiserver.endpoint.Questions;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.openapi.OpenApi;
import dev.otherix.apiserver.registry.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Tells clients what is served: discovery, OpenAPI, the version. Follows the resources; documents
/// are made when somebody asks.
final class Publication {
  private final Resources resources;
  private final Questions questions;
  private final ServedDocument version;

  private volatile Discovery discovery;
  private volatile OpenApi openApi;

  Publication(Resources resources, Questions questions, ServerVersion version) {
    this.resources = resources;
    this.questions = questions;
    this.version = version.document();
    List<Kind> kinds = kinds();
    this.discovery = discovery(kinds);
    this.openApi = new OpenApi("Otherix", version.gitVersion(), kinds);
    resources.onChange(this::refresh);
  }

  private synchronized void refresh() {
    List<Kind> kinds = kinds();
    discovery = discovery(kinds);
    openApi = openApi.with(kinds);
  }

  private List<Kind> kinds() {
    List<Kind> kinds = new ArrayList<>(resources.kinds());
    kinds.addAll(questions.kinds());
    return kinds;
  }

  private static Discovery discovery(List<Kind> kinds) {
    return new Discovery(kinds.stream().map(ServedResource::of).toList());
  }

  Pages pages() {
    Function<Request, Optional<Answer>> groups = request -> discovery.answer(request);
    Function<Request, Optional<Answer>> documents = request -> openApi.answer(request);
    return Pages.NONE
        .with("/api", groups)
        .with("/apis", groups)
        .with("/openapi", documents)
        .with("/swagger-2.0.0.pb-v1", documents)
        .with("/version", request -> Optional.of(version.answer(request)));
  }
}
