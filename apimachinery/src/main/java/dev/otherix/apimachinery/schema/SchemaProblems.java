package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.status.FieldError;
import java.util.ArrayList;
import java.util.List;

/// What is wrong with a schema that somebody wants to register, up to a limit.
final class SchemaProblems {
  private static final int PROBLEMS_MAX = 100;

  private final List<FieldError> problems = new ArrayList<>();

  void add(FieldError problem) {
    if (problems.size() < PROBLEMS_MAX) {
      problems.add(problem);
    }
  }

  int size() {
    return problems.size();
  }

  List<FieldError> toList() {
    return List.copyOf(problems);
  }
}
