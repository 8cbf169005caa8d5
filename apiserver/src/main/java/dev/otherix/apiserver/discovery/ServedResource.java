package dev.otherix.apiserver.discovery;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.KindTrait;
import java.util.List;
import java.util.Set;

/// One version of a resource that is served, and what may be done with it.
///
/// @param verbs in the words of authorization: `get`, `list`, `watch`, `create`, ...
public record ServedResource(Kind kind, Set<String> verbs) {
  private static final Set<String> ALL_VERBS =
      Set.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

  public ServedResource {
    verbs = Set.copyOf(verbs);
  }

  /// With every verb, or with `create` alone when the kind is only asked.
  public static ServedResource of(Kind kind) {
    boolean asked = kind.header().traits().contains(KindTrait.CREATE_ONLY);
    return new ServedResource(kind, asked ? Set.of("create") : ALL_VERBS);
  }

  List<String> sortedVerbs() {
    return verbs.stream().sorted().toList();
  }
}
