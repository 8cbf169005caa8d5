package dev.otherix.apimachinery.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.otherix.apimachinery.fuzz.Fuzz;
import dev.otherix.apimachinery.status.ApiException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

final class SelectorFuzzTest {
  @Test
  void labelSelector_anyText_printsWhatParsesToTheSame() {
    Fuzz.runText(
        "label-selector",
        text -> {
          LabelSelector selector;
          try {
            selector = LabelSelector.parse(text);
          } catch (ApiException e) {
            assertEquals(400, e.code());
            return;
          }
          assertEquals(selector, LabelSelector.parse(selector.toString()));
          Map<String, String> labels = new HashMap<>();
          ObjectNode tree = JsonNodeFactory.instance.objectNode();
          for (Requirement each : selector.requirements()) {
            String value = each.values().isEmpty() ? "" : each.values().getFirst();
            labels.put(each.key(), value);
            tree.put(each.key(), value);
          }
          assertEquals(selector.matches(labels), selector.matchesLabels(tree));
        });
  }

  @Test
  void fieldSelector_anyText_printsWhatParsesToTheSame() {
    Fuzz.runText(
        "field-selector",
        text -> {
          FieldSelector selector;
          try {
            selector = FieldSelector.parse(text);
          } catch (ApiException e) {
            assertEquals(400, e.code());
            return;
          }
          assertEquals(selector, FieldSelector.parse(selector.toString()));
          for (FieldSelector.Term term : selector.terms()) {
            if (term.negated()) {
              assertFalse(selector.matches(field -> term.value()));
            }
          }
        });
  }
}
