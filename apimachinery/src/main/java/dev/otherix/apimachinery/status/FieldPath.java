package dev.otherix.apimachinery.status;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where in an object a value stands, printed the way Kubernetes prints it: `spec.nics[0].network`,
/// `metadata.labels[app]`. Immutable; a child shares its parent, so building one costs one small
/// allocation, and the text is made only when an error is printed.
public final class FieldPath {
  public static final FieldPath ROOT = new FieldPath(null, "", -1, false);

  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$-]*");

  private final @Nullable FieldPath parent;
  private final String name;
  private final int index;
  private final boolean key;

  /// @param key whether `name` is data, printed in brackets even where it is a plain word
  private FieldPath(@Nullable FieldPath parent, String name, int index, boolean key) {
    this.parent = parent;
    this.name = name;
    this.index = index;
    this.key = key;
  }

  /// Parses nothing: `name` is one path element, printed in brackets when it is not a plain word.
  public FieldPath child(String name) {
    return new FieldPath(this, name, -1, false);
  }

  /// An entry of a map whose keys are data, not field names.
  public FieldPath key(String name) {
    return new FieldPath(this, name, -1, true);
  }

  public FieldPath index(int index) {
    return new FieldPath(this, "", index, false);
  }

  /// `ROOT.at("spec", "nics")` is `spec.nics`.
  public FieldPath at(String... names) {
    FieldPath path = this;
    for (String each : names) {
      path = path.child(each);
    }
    return path;
  }

  public boolean isRoot() {
    return parent == null;
  }

  /// The path without regard to how its elements print: `/spec/nics/0/network`, empty at the root.
  /// The same element reached by [#child] and by [#key] has one pointer.
  public String pointer() {
    if (parent == null) {
      return "";
    }
    String element = index >= 0 ? Integer.toString(index) : name;
    return parent.pointer() + '/' + element.replace("~", "~0").replace("/", "~1");
  }

  /// The names and indexes from the root down; none at the root.
  public List<String> elements() {
    List<String> elements = new ArrayList<>();
    for (FieldPath at = this; at.parent != null; at = at.parent) {
      elements.add(at.index >= 0 ? Integer.toString(at.index) : at.name);
    }
    return elements.reversed();
  }

  @Override
  public String toString() {
    if (isRoot()) {
      return "<root>";
    }
    StringBuilder out = new StringBuilder();
    print(out);
    return out.toString();
  }

  private void print(StringBuilder out) {
    if (parent == null) {
      return;
    }
    parent.print(out);
    if (index >= 0) {
      out.append('[').append(index).append(']');
    } else if (bracketed()) {
      out.append('[').append(name).append(']');
    } else {
      if (!out.isEmpty()) {
        out.append('.');
      }
      out.append(name);
    }
  }

  private boolean bracketed() {
    return key || !PLAIN_NAME.matcher(name).matches();
  }

  /// A name reached by [#child] and by [#key] is one path where it prints alike.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FieldPath that
        && index == that.index
        && name.equals(that.name)
        && (key == that.key || bracketed() == that.bracketed())
        && Objects.equals(parent, that.parent);
  }

  @Override
  public int hashCode() {
    return Objects.hash(parent, name, index);
  }
}
