package dev.otherix.apimachinery.selector;

import dev.otherix.apimachinery.object.Findings;
import dev.otherix.apimachinery.object.MemberReader;
import dev.otherix.apimachinery.object.Names;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Reads the selector form that stands inside objects: `matchLabels` and `matchExpressions`, all of
/// which must hold.
public final class LabelSelectorReader {
  private static final Set<String> MEMBERS = Set.of("matchLabels", "matchExpressions");
  private static final Set<String> EXPRESSION_MEMBERS = Set.of("key", "operator", "values");

  private final FieldPath path;
  private final Findings findings;
  private final List<Requirement> requirements = new ArrayList<>();

  private LabelSelectorReader(FieldPath path, Findings findings) {
    this.path = path;
    this.findings = findings;
  }

  /// Absent or `null` selects nothing, an empty object selects everything. What does not fit goes
  /// to `findings`; a selector with errors selects nothing.
  public static LabelSelector read(@Nullable JsonNode selector, FieldPath path, Findings findings) {
    int before = findings.errors().size();
    ObjectNode object = MemberReader.object(selector, path, findings);
    if (object == null) {
      return LabelSelector.nothing();
    }
    LabelSelectorReader reader = new LabelSelectorReader(path, findings);
    MemberReader in = new MemberReader(object, path, MEMBERS, findings);
    reader.matchLabels(in.texts("matchLabels"));
    in.objects("matchExpressions", EXPRESSION_MEMBERS, reader::expression);
    return findings.errors().size() > before
        ? LabelSelector.nothing()
        : LabelSelector.of(reader.requirements);
  }

  private void matchLabels(Map<String, String> labels) {
    FieldPath at = path.child("matchLabels");
    for (Map.Entry<String, String> label : labels.entrySet()) {
      report(at, label.getKey(), Names.qualifiedName(label.getKey()));
      report(at.key(label.getKey()), label.getValue(), Names.labelValue(label.getValue()));
      add(label.getKey(), Operator.EQUALS, List.of(label.getValue()));
    }
  }

  /// Reads one expression; the result is in [#requirements], the name of the key is returned.
  private String expression(MemberReader in) {
    String key = in.text("key");
    String operator = in.text("operator");
    List<String> values = in.textList("values");
    report(in.path().child("key"), key, Names.qualifiedName(key));
    FieldPath at = in.path().child("values");
    for (int i = 0; i < values.size(); i++) {
      report(at.index(i), values.get(i), Names.labelValue(values.get(i)));
    }
    switch (operator) {
      case "In" -> add(key, Operator.IN, some(at, values));
      case "NotIn" -> add(key, Operator.NOT_IN, some(at, values));
      case "Exists" -> add(key, Operator.EXISTS, none(at, values));
      case "DoesNotExist" -> add(key, Operator.DOES_NOT_EXIST, none(at, values));
      default ->
          findings.error(
              FieldError.invalid(
                  in.path().child("operator"),
                  StringNode.valueOf(operator),
                  "not a valid selector operator; use In, NotIn, Exists or DoesNotExist"));
    }
    return key;
  }

  private List<String> some(FieldPath at, List<String> values) {
    if (values.isEmpty()) {
      findings.error(
          FieldError.required(at, "must be specified when `operator` is 'In' or 'NotIn'"));
    }
    return values;
  }

  private List<String> none(FieldPath at, List<String> values) {
    if (!values.isEmpty()) {
      findings.error(
          FieldError.forbidden(
              at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    }
    return List.of();
  }

  private void report(FieldPath at, String value, List<String> wrong) {
    if (!wrong.isEmpty()) {
      findings.error(FieldError.invalid(at, StringNode.valueOf(value), String.join("; ", wrong)));
    }
  }

  /// What is wrong was reported before, with the path inside the object.
  private void add(String key, Operator operator, List<String> values) {
    Requirement requirement = Requirement.of(key, operator, values, new ArrayList<>());
    if (requirement != null) {
      requirements.add(requirement);
    }
  }
}
