package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.status.FieldError;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Collects what is wrong with one object, up to a limit: the answer must stay readable, and a
/// hostile object must not cost memory.
final class ErrorList {
  static final int ERRORS_MAX = 100;

  private List<FieldError> errors = List.of();

  boolean full() {
    return errors.size() >= ERRORS_MAX;
  }

  void add(FieldError error) {
    if (errors.isEmpty()) {
      errors = new ArrayList<>();
    }
    if (!full()) {
      errors.add(error);
    }
  }

  List<FieldError> toList() {
    return Collections.unmodifiableList(errors);
  }
}
