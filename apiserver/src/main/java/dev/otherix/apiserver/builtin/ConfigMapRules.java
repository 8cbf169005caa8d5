package dev.otherix.apiserver.builtin;

import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Keys are file names, unique over `data` and `binaryData`; all values have 1 MiB at most.
final class ConfigMapRules implements KindRules {
  @Override
  public List<FieldError> validate(@Nullable ObjectNode old, ObjectNode changed) {
    List<FieldError> errors = new ArrayList<>();
    DataEntries.checkKeys(changed, "data", errors);
    DataEntries.checkKeys(changed, "binaryData", errors);
    JsonNode data = changed.path("data");
    JsonNode binary = changed.path("binaryData");
    for (String key : binary.propertyNames()) {
      if (data.has(key)) {
        errors.add(
            FieldError.invalid(
                FieldPath.ROOT.child("binaryData").key(key),
                StringNode.valueOf(key),
                "data has this key already; remove it from one of the two"));
      }
    }
    DataEntries.checkSize(DataEntries.textBytes(data) + DataEntries.decodedBytes(binary), errors);
    DataEntries.checkFrozen(old, changed, List.of("data", "binaryData"), errors);
    return errors;
  }
}
