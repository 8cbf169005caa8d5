package dev.otherix.apimachinery.object;

import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// What reading an object brought up beside its value: members of the wrong type, and members that
/// nobody knows (whether those matter is for field validation to say). Confined to one thread.
public final class Findings {
  private final List<FieldError> errors = new ArrayList<>();
  private final List<FieldPath> unknown = new ArrayList<>();

  public void error(FieldError error) {
    errors.add(error);
  }

  public void unknown(FieldPath path) {
    unknown.add(path);
  }

  /// A read-only view, in the order of the document.
  public List<FieldError> errors() {
    return Collections.unmodifiableList(errors);
  }

  /// A read-only view, in the order of the document.
  public List<FieldPath> unknown() {
    return Collections.unmodifiableList(unknown);
  }

  public boolean clean() {
    return errors.isEmpty() && unknown.isEmpty();
  }
}
