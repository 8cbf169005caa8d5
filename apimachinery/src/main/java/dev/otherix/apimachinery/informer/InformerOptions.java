package dev.otherix.apimachinery.informer;

import dev.otherix.apimachinery.client.Backoff;
import dev.otherix.apimachinery.client.Pause;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/// What an informer follows, and how. The present objects come as events of the watch; a server
/// that refuses that is asked for a list.
///
/// @param namespace empty for all
/// @param pageItems how many objects one page of a list holds
/// @param watchSecondsMin how long a watch lasts; up to twice that
/// @param initialQuietMax how long the present objects may pause before a list is asked for instead
/// @param indexes by name: under which values to find an object
public record InformerOptions(
    String namespace,
    String labelSelector,
    String fieldSelector,
    int pageItems,
    int watchSecondsMin,
    Duration initialQuietMax,
    Backoff backoff,
    Pause pause,
    Map<String, Function<ObjectNode, Collection<String>>> indexes) {
  public static final InformerOptions ALL =
      new InformerOptions(
          "",
          "",
          "",
          500,
          300,
          Duration.ofSeconds(30),
          new Backoff(Duration.ofMillis(800), Duration.ofSeconds(30), new SecureRandom()),
          Pause.real(),
          Map.of());

  public InformerOptions {
    indexes = Map.copyOf(indexes);
  }

  public InformerOptions inNamespace(String name) {
    return new InformerOptions(
        name,
        labelSelector,
        fieldSelector,
        pageItems,
        watchSecondsMin,
        initialQuietMax,
        backoff,
        pause,
        indexes);
  }

  public InformerOptions withSelectors(String labels, String fields) {
    return new InformerOptions(
        namespace,
        labels,
        fields,
        pageItems,
        watchSecondsMin,
        initialQuietMax,
        backoff,
        pause,
        indexes);
  }

  public InformerOptions withBackoff(Backoff waits, Pause how) {
    return new InformerOptions(
        namespace,
        labelSelector,
        fieldSelector,
        pageItems,
        watchSecondsMin,
        initialQuietMax,
        waits,
        how,
        indexes);
  }

  /// @param values under which an object is found, none for not at all
  public InformerOptions withIndex(String name, Function<ObjectNode, Collection<String>> values) {
    Map<String, Function<ObjectNode, Collection<String>>> more = new HashMap<>(indexes);
    more.put(name, values);
    return new InformerOptions(
        namespace,
        labelSelector,
        fieldSelector,
        pageItems,
        watchSecondsMin,
        initialQuietMax,
        backoff,
        pause,
        more);
  }
}
