package dev.otherix.apiserver.cel;

import dev.otherix.apimachinery.schema.SchemaNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The rules at one level of a schema and below it. Levels without any are not there.
record RuleLevel(
    SchemaNode schema,
    @Nullable Shape shape,
    List<CompiledRule> rules,
    Map<String, RuleLevel> properties,
    @Nullable RuleLevel additional,
    @Nullable RuleLevel items) {

  boolean isEmpty() {
    return rules.isEmpty() && properties.isEmpty() && additional == null && items == null;
  }
}
