package dev.otherix.apimachinery.fault;

import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// A place in the code where a test may make things go wrong: `BEFORE_SYNC.here()` does nothing, at
/// the cost of one volatile read, until something is armed. Each is a constant of the class that it
/// stands in; its name is what tests and [#arm] use.
public final class Fault {
  private static final Map<String, Fault> ALL = new ConcurrentHashMap<>();

  private final String name;
  private volatile @Nullable Runnable armed;

  private Fault(String name) {
    this.name = name;
  }

  /// Declares the place called `name`, such as `storage.beforeSync`. Once per name.
  public static Fault named(String name) {
    Fault fault = new Fault(name);
    if (ALL.putIfAbsent(name, fault) != null) {
      throw new IllegalStateException("two fault points are called " + name);
    }
    return fault;
  }

  /// The names declared by the classes that are loaded.
  public static SortedSet<String> names() {
    return new TreeSet<>(ALL.keySet());
  }

  /// Makes `action` run whenever the code passes the place: it may throw, wait or end the process.
  ///
  /// @throws IllegalArgumentException when no loaded class has such a place
  public static void arm(String name, Runnable action) {
    find(name).armed = action;
  }

  public static void disarm(String name) {
    find(name).armed = null;
  }

  /// The code is at this place.
  public void here() {
    Runnable action = armed;
    if (action != null) {
      action.run();
    }
  }

  @Override
  public String toString() {
    return name;
  }

  private static Fault find(String name) {
    Fault fault = ALL.get(name);
    if (fault == null) {
      throw new IllegalArgumentException(
          "no fault point is called " + name + "; known: " + names());
    }
    return fault;
  }
}
