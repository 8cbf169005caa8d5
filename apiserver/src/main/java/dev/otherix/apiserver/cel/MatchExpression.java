package dev.otherix.apiserver.cel;

import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.SchemaReader;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// A condition that decides whether a webhook is asked. It sees `request`, `object` and
/// `oldObject`. Immutable, thread-safe.
public final class MatchExpression {
  private static final Shape REQUEST = request();
  private static final Environment ENVIRONMENT = environment();

  private final Expression expression;

  private MatchExpression(Expression expression) {
    this.expression = expression;
  }

  /// What came of an evaluation.
  ///
  /// @param error why there is no answer; empty where there is one
  public record Verdict(boolean matches, String error) {}

  /// What is wrong with a text that should become a condition.
  public static List<FieldError> problems(String text, FieldPath path) {
    try {
      of(text);
      return List.of();
    } catch (IllegalArgumentException e) {
      String detail = "compilation failed: " + e.getMessage();
      return List.of(FieldError.invalid(path, StringNode.valueOf(text), detail));
    }
  }

  /// @throws IllegalArgumentException where the text is no condition
  public static MatchExpression of(String text) {
    try {
      Expression expression = ENVIRONMENT.compile(text);
      CelKind kind = expression.type().kind();
      if (kind != CelKind.BOOL && kind != CelKind.DYN) {
        throw new CompileException("must evaluate to bool, not " + expression.type().name());
      }
      return new MatchExpression(expression);
    } catch (CompileException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /// @param request as an AdmissionReview has it
  public Verdict matches(
      ObjectNode request, @Nullable ObjectNode object, @Nullable ObjectNode oldObject) {
    try {
      Object result =
          expression.eval(
              new Budget(), TreeValues.of(request, REQUEST), value(object), value(oldObject));
      return new Verdict(Node.truth(result), "");
    } catch (EvaluationException | BudgetException e) {
      return new Verdict(false, String.valueOf(e.getMessage()));
    }
  }

  private static Object value(@Nullable ObjectNode object) {
    return object == null ? Null.NULL : TreeValues.of(object, Shape.DYN);
  }

  private static Shape request() {
    String kind = "{'type':'object','properties':{'group':T,'version':T,'kind':T}}";
    String resource = "{'type':'object','properties':{'group':T,'version':T,'resource':T}}";
    String schema =
        ("{'type':'object','properties':{'uid':T,'kind':K,'resource':R,'subResource':T,"
                + "'requestKind':K,'requestResource':R,'requestSubResource':T,'name':T,"
                + "'operation':T,'dryRun':{'type':'boolean'},"
                + "'userInfo':{'type':'object','properties':{'username':T,'uid':T,"
                + "'groups':{'type':'array','maxItems':1000,'items':T},"
                + "'extra':{'type':'object','maxProperties':100,"
                + "'additionalProperties':{'type':'array','maxItems':1000,'items':T}}}}}}")
            .replace("'kind':K", "'kind':" + kind)
            .replace("'requestKind':K", "'requestKind':" + kind)
            .replace("'resource':R", "'resource':" + resource)
            .replace("'requestResource':R", "'requestResource':" + resource)
            .replace(":T", ":{'type':'string','maxLength':253}")
            .replace("items':T", "items':{'type':'string','maxLength':253}")
            .replace('\'', '"');
    Shape shape = Shapes.of(SchemaReader.read(Json.parseObject(schema)), "request");
    if (shape == null) {
      throw new IllegalStateException("a request has a declared type");
    }
    Map<String, Shape.Field> fields = new LinkedHashMap<>(shape.fields());
    Shape text = Shape.scalar(Shape.Kind.STRING, SimpleType.STRING, 63, true, "request.namespace");
    fields.put("namespace", new Shape.Field("namespace", text));
    fields.put("options", new Shape.Field("options", Shape.DYN));
    return Shape.struct("request", fields);
  }

  private static Environment environment() {
    Map<String, CelType> types = new LinkedHashMap<>();
    types.put("request", REQUEST.type());
    types.put("object", SimpleType.DYN);
    types.put("oldObject", SimpleType.DYN);
    return Environment.of(types, Map.of("request", REQUEST));
  }
}
