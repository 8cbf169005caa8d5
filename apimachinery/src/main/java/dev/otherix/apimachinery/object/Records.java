package dev.otherix.apimachinery.object;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Trees to Java records and back, for those who want types: controllers and the agent. Members
/// that a record does not know are passed over, so that an older program works with a newer
/// server's objects; it must then change them by patch, not by writing the whole object back.
public final class Records {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .changeDefaultPropertyInclusion(_ ->
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_EMPTY, JsonInclude.Include.ALWAYS))
          .addModule(module())
          .build();

  private Records() {}

  /// Reads a prepared object: one whose defaults are set.
  ///
  /// @throws ApiException 500 when the tree does not fit the record, which a validated one always
  ///   does
  public static <T extends Record> T read(ObjectNode object, Class<T> type) {
    try {
      return MAPPER.treeToValue(object, type);
    } catch (JacksonException e) {
      throw new ApiException(
          Status.failure(
              StatusReason.INTERNAL_ERROR,
              "the object does not fit " + type.getSimpleName() + ": " + e.getOriginalMessage(),
              null),
          e);
    }
  }

  /// A tree of the caller's own. Absent and empty members are left out.
  public static ObjectNode write(String apiVersion, String kind, Record object) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", apiVersion).put("kind", kind);
    ObjectNode members = MAPPER.valueToTree(object);
    tree.setAll(members);
    return tree;
  }

  private static SimpleModule module() {
    return new SimpleModule("otherix")
        .addSerializer(ObjectMeta.class, new Writing<>(ObjectMeta::toJson))
        .addSerializer(Condition.class, new Writing<>(Condition::toJson))
        .addSerializer(Time.class, new Writing<>(time -> StringNode.valueOf(time.toString())))
        .addDeserializer(
            ObjectMeta.class,
            new Reading<>(
                tree -> checked(in -> ObjectMeta.read(tree, FieldPath.ROOT.at("metadata"), in))))
        .addDeserializer(
            Condition.class,
            new Reading<>(tree ->
                checked(in ->
                    Condition.read((ObjectNode) tree, FieldPath.ROOT.child("conditions"), in))))
        .addDeserializer(Time.class, new Reading<>(tree -> Time.parse(tree.asString())));
  }

  private static <T> T checked(Function<Findings, T> read) {
    Findings findings = new Findings();
    T value = read.apply(findings);
    if (!findings.errors().isEmpty()) {
      throw ApiException.badRequest(findings.errors().getFirst().toString());
    }
    return value;
  }

  private static final class Writing<T> extends ValueSerializer<T> {
    private final Function<T, JsonNode> write;

    Writing(Function<T, JsonNode> write) {
      this.write = write;
    }

    @Override
    public void serialize(T value, JsonGenerator out, SerializationContext context) {
      out.writeTree(write.apply(value));
    }
  }

  private static final class Reading<T> extends ValueDeserializer<T> {
    private final Function<JsonNode, T> read;

    Reading(Function<JsonNode, T> read) {
      this.read = read;
    }

    @Override
    public T deserialize(JsonParser in, DeserializationContext context) {
      return read.apply(in.readValueAsTree());
    }
  }
}
