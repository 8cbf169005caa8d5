package dev.otherix.controllers.gc;

import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.OwnerReference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// Owners that were looked for and not found: a uid never comes back, so nobody need look again.
/// Thread-safe.
final class AbsentOwners {
  private static final int ENTRIES_MAX = 1_000;

  private record Place(String apiVersion, String kind, ObjectKey key, String uid) {}

  private final SequencedMap<Place, Boolean> places = new LinkedHashMap<>();

  synchronized boolean has(OwnerReference reference, ObjectKey key) {
    return places.containsKey(place(reference, key));
  }

  synchronized void add(OwnerReference reference, ObjectKey key) {
    places.putLast(place(reference, key), true);
    if (places.size() > ENTRIES_MAX) {
      Map.Entry<Place, Boolean> eldest = places.pollFirstEntry();
      if (eldest == null) {
        throw new IllegalStateException("a full map without a first entry");
      }
    }
  }

  private static Place place(OwnerReference reference, ObjectKey key) {
    return new Place(reference.apiVersion(), reference.kind(), key, reference.uid());
  }
}
