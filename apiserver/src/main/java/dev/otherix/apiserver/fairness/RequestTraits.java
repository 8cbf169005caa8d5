package dev.otherix.apiserver.fairness;

/// What a request is going to cost.
///
/// @param verb as Kubernetes names it: `get`, `list`, `watch`, ...
/// @param probe whether it asks for the server's health
/// @param objects how many objects a list is expected to look at; 0 when it is no list
/// @param fromStore whether a list is read from the store and not from memory
public record RequestTraits(String verb, boolean probe, long objects, boolean fromStore) {
  private static final int OBJECTS_PER_SEAT = 100;
  private static final int LIST_SEATS_MAX = 10;

  public static RequestTraits of(String verb) {
    return new RequestTraits(verb, false, 0, false);
  }

  public static RequestTraits ofList(long objects, boolean fromStore) {
    return new RequestTraits("list", false, objects, fromStore);
  }

  public static RequestTraits ofProbe() {
    return new RequestTraits("get", true, 0, false);
  }

  /// How many seats it takes. A watch takes one like any other, and gives it back once it has
  /// started: see [Ticket].
  int seats() {
    long seats = (objects + OBJECTS_PER_SEAT - 1) / OBJECTS_PER_SEAT;
    if (fromStore) {
      seats *= 2;
    }
    return Math.clamp(seats, 1, fromStore ? 2 * LIST_SEATS_MAX : LIST_SEATS_MAX);
  }
}
