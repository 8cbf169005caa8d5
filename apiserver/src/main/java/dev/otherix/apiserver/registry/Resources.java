package dev.otherix.apiserver.registry;

import dev.otherix.apimachinery.schema.Kind;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The resources that are served at the moment. Reading is free of locks; changes take turns.
public final class Resources implements AutoCloseable {
  private record Name(String group, String plural) {}

  private final ReentrantLock changes = new ReentrantLock();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Map<Name, Resource> served = Map.of();

  /// The resource with a version of it; null when that is not served.
  public Resource.@Nullable Version find(String group, String version, String plural) {
    Resource resource = served.get(new Name(group, plural));
    return resource == null ? null : resource.version(version);
  }

  public @Nullable Resource find(String group, String plural) {
    return served.get(new Name(group, plural));
  }

  public Collection<Resource> all() {
    return Collections.unmodifiableCollection(served.values());
  }

  /// Every version of every resource.
  public List<Kind> kinds() {
    return served.values().stream()
        .flatMap(resource -> resource.versions().stream())
        .map(Resource.Version::kind)
        .toList();
  }

  /// Called after every change, on the thread that made it.
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /// Serves `resource`, in the place of a former definition, which is closed: its watches end.
  public void put(Resource resource) {
    changes.lock();
    try {
      Map<Name, Resource> next = new LinkedHashMap<>(served);
      Resource former = next.put(new Name(resource.group(), resource.plural()), resource);
      served = Collections.unmodifiableMap(next);
      if (former != null) {
        former.close();
      }
    } finally {
      changes.unlock();
    }
    listeners.forEach(Runnable::run);
  }

  /// Serves the resource no longer, and ends its watches.
  public void remove(String group, String plural) {
    changes.lock();
    try {
      Map<Name, Resource> next = new LinkedHashMap<>(served);
      Resource former = next.remove(new Name(group, plural));
      served = Collections.unmodifiableMap(next);
      if (former == null) {
        return;
      }
      former.close();
    } finally {
      changes.unlock();
    }
    listeners.forEach(Runnable::run);
  }

  @Override
  public void close() {
    changes.lock();
    try {
      served.values().forEach(Resource::close);
      served = Map.of();
    } finally {
      changes.unlock();
    }
  }
}
