package dev.otherix.apimachinery.informer;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The members of an object that nobody changes: two arrays, of which objects with the same names
/// share the first. Found by going through the names, so for few of them. Changes are refused.
final class CompactMembers extends AbstractMap<String, JsonNode> {
  private final String[] names;
  private final JsonNode[] values;

  /// @param names not to be changed
  CompactMembers(String[] names, JsonNode[] values) {
    this.names = names;
    this.values = values;
  }

  /// Whether these are the very same arrays' contents.
  @SuppressWarnings("ReferenceEquality") // shared nodes are told apart by what they are
  boolean isOf(String[] otherNames, JsonNode[] otherValues) {
    if (names != otherNames) {
      return false;
    }
    for (int i = 0; i < values.length; i++) {
      if (values[i] != otherValues[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int size() {
    return names.length;
  }

  @Override
  public @Nullable JsonNode get(Object name) {
    for (int i = 0; i < names.length; i++) {
      if (names[i].equals(name)) {
        return values[i];
      }
    }
    return null;
  }

  @Override
  public boolean containsKey(Object name) {
    return get(name) != null;
  }

  @Override
  public Set<Map.Entry<String, JsonNode>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public int size() {
        return names.length;
      }

      @Override
      public Iterator<Map.Entry<String, JsonNode>> iterator() {
        return new Entries();
      }
    };
  }

  private final class Entries implements Iterator<Map.Entry<String, JsonNode>> {
    private int next;

    @Override
    public boolean hasNext() {
      return next < names.length;
    }

    @Override
    public Map.Entry<String, JsonNode> next() {
      if (next >= names.length) {
        throw new NoSuchElementException();
      }
      Map.Entry<String, JsonNode> entry = Map.entry(names[next], values[next]);
      next++;
      return entry;
    }
  }
}
