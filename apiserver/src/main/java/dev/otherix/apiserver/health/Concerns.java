package dev.otherix.apiserver.health;

import dev.otherix.apimachinery.meter.Family;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// What is not as it should be, while the server serves on: it stands in the log when it begins and
/// when it is over, in `/readyz?verbose` and in the metrics, and listeners are told. Thread-safe.
public final class Concerns {
  private static final System.Logger LOG = System.getLogger(Concerns.class.getName());

  /// @param name for programs, such as `slow-disk`
  /// @param message what is seen, and what to do
  public record Concern(String name, String message) {}

  /// Every one that was ever raised, with its message; empty when it is over.
  private final Map<String, String> all = new TreeMap<>();

  private final List<Consumer<Concern>> listeners = new CopyOnWriteArrayList<>();

  /// Has `listener` told of each that begins, on the thread that found it.
  public void onRaise(Consumer<Concern> listener) {
    listeners.add(listener);
  }

  /// Says whether it holds now.
  ///
  /// @param message what it says while it lasts is what it said when it began
  public void tell(String name, boolean holds, String message) {
    synchronized (all) {
      boolean before = !all.getOrDefault(name, "").isEmpty();
      if (before == holds) {
        all.putIfAbsent(name, "");
        return;
      }
      all.put(name, holds ? message : "");
    }
    if (!holds) {
      LOG.log(Level.INFO, "concern is over name={0}", name);
      return;
    }
    LOG.log(Level.WARNING, "concern name={0} message={1}", name, message);
    listeners.forEach(each -> each.accept(new Concern(name, message)));
  }

  /// Those that hold, by name.
  public List<Concern> present() {
    List<Concern> present = new ArrayList<>();
    synchronized (all) {
      all.forEach((name, message) -> {
        if (!message.isEmpty()) {
          present.add(new Concern(name, message));
        }
      });
    }
    return present;
  }

  public List<Family> families() {
    List<Family.Point> points = new ArrayList<>();
    synchronized (all) {
      all.forEach((name, message) ->
          points.add(new Family.Point.Value(List.of(name), message.isEmpty() ? 0 : 1)));
    }
    return List.of(
        new Family(
            "otherix_concern",
            "1 while it is not as it should be; the log and an Event tell more.",
            Family.Type.GAUGE,
            List.of("name"),
            points));
  }
}
