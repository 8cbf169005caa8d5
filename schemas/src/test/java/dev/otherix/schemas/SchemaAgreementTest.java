package dev.otherix.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.schema.SchemaType;
import dev.otherix.schemas.v1.APIToken;
import dev.otherix.schemas.v1.ClusterSettings;
import dev.otherix.schemas.v1.JoinToken;
import dev.otherix.schemas.v1.MeshPeer;
import dev.otherix.schemas.v1.Network;
import dev.otherix.schemas.v1.Node;
import dev.otherix.schemas.v1.Port;
import dev.otherix.schemas.v1.SecurityRule;
import dev.otherix.schemas.v1.StoragePool;
import dev.otherix.schemas.v1.Task;
import dev.otherix.schemas.v1.User;
import dev.otherix.schemas.v1.VM;
import dev.otherix.schemas.v1.VMSnapshot;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// A record has a component for each property of its schema, no other, of a type that can hold
/// every value the schema allows, and nullable exactly where the schema lets a value be absent.
final class SchemaAgreementTest {
  private static final Set<Class<? extends Record>> RECORDS =
      Set.of(
          VM.class,
          Network.class,
          StoragePool.class,
          Node.class,
          Port.class,
          MeshPeer.class,
          SecurityRule.class,
          Task.class,
          VMSnapshot.class,
          User.class,
          APIToken.class,
          JoinToken.class,
          ClusterSettings.class);

  private final List<String> disagreements = new ArrayList<>();

  @Test
  void everyKind_hasItsRecord() {
    Set<String> records = new TreeSet<>(RECORDS.stream().map(Class::getSimpleName).toList());
    Set<String> kinds = new TreeSet<>(Schemas.kinds().all().stream().map(Kind::kind).toList());
    assertEquals(kinds, records);
  }

  static Stream<Class<? extends Record>> records() {
    return RECORDS.stream().sorted((a, b) -> a.getSimpleName().compareTo(b.getSimpleName()));
  }

  @ParameterizedTest
  @MethodSource("records")
  void record_andSchema_agreeBothWays(Class<? extends Record> type) {
    Kind kind = Schemas.kinds().kind("otherix/v1", type.getSimpleName()).orElseThrow();
    Map<String, SchemaNode> members = new LinkedHashMap<>(kind.schema().properties());
    members.remove("apiVersion");
    members.remove("kind");
    compareMembers(type, members, kind.schema().required(), type.getSimpleName());
    assertEquals(List.of(), disagreements);
  }

  private void compareMembers(
      Class<?> type, Map<String, SchemaNode> members, Set<String> required, String at) {
    Map<String, RecordComponent> components = new LinkedHashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      components.put(component.getName(), component);
    }
    expect(new TreeSet<>(members.keySet()), new TreeSet<>(components.keySet()), at + " members");
    members.forEach((name, node) -> {
      RecordComponent component = components.get(name);
      if (component != null) {
        boolean always = required.contains(name) || node.defaultValue() != null;
        compare(component, node, always, at + "." + name);
      }
    });
  }

  private void compare(RecordComponent component, SchemaNode node, boolean always, String at) {
    Class<?> type = component.getType();
    if (type == ObjectMeta.class) {
      expect("metadata", component.getName(), at);
      return;
    }
    boolean collection = type == List.class || type == Map.class;
    boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    boolean fromSpec = at.endsWith(".spec");
    expect(!always && !collection && !fromSpec, nullable, at + " may be absent");
    compareType(component.getAnnotatedType(), type, node, at);
  }

  private void compareType(AnnotatedType annotated, Class<?> type, SchemaNode node, String at) {
    switch (node.type()) {
      case STRING -> compareString(type, node, at);
      case INTEGER -> {
        boolean wide = node.format().equals("int64");
        Set<Class<?>> fitting =
            wide ? Set.of(long.class, Long.class) : Set.of(int.class, Integer.class);
        expect(true, fitting.contains(type), at + " holds " + node.format());
      }
      case BOOLEAN ->
          expect(true, type == boolean.class || type == Boolean.class, at + " is a boolean");
      case ARRAY -> {
        expect(List.class, type, at);
        AnnotatedType item = argument(annotated, 0);
        compareType(item, (Class<?>) item.getType(), node.item(), at + "[]");
      }
      case OBJECT -> compareObject(annotated, type, node, at);
      case NUMBER, INT_OR_STRING, ANY ->
          disagreements.add(at + ": no record holds a schema of type " + node.type());
    }
  }

  private void compareObject(AnnotatedType annotated, Class<?> type, SchemaNode node, String at) {
    SchemaNode values = node.additionalProperties();
    if (values != null) {
      expect(Map.class, type, at);
      expect(SchemaType.STRING, values.type(), at + " values");
      expect(String.class, argument(annotated, 1).getType(), at + " values");
    } else if (type != Condition.class) {
      // Condition is every kind's and reads leniently; its own test is below.
      compareMembers(type, node.properties(), node.required(), at);
    }
  }

  private void compareString(Class<?> type, SchemaNode node, String at) {
    JsonNode values = node.source().path("enum");
    if (values.isArray() && type != String.class) {
      List<String> wanted = new ArrayList<>();
      values.forEach(each -> wanted.add(each.asString()));
      expect(wanted, wireNames(type), at + " values");
    } else if (node.format().equals("date-time")) {
      expect(Time.class, type, at);
    } else if (!type.equals(String.class)) {
      disagreements.add(at + ": a text without a list of values is a String, not " + type);
    }
  }

  private static List<String> wireNames(Class<?> type) {
    List<String> names = new ArrayList<>();
    for (Field field : type.getFields()) {
      if (field.isEnumConstant()) {
        names.add(annotation(field));
      }
    }
    return names;
  }

  private static String annotation(AnnotatedElement constant) {
    JsonProperty property = constant.getAnnotation(JsonProperty.class);
    return property == null ? constant + " has no @JsonProperty" : property.value();
  }

  private static AnnotatedType argument(AnnotatedType type, int index) {
    return ((AnnotatedParameterizedType) type).getAnnotatedActualTypeArguments()[index];
  }

  private void expect(Object wanted, Object found, String at) {
    if (!wanted.equals(found)) {
      disagreements.add(at + ": the schema says " + wanted + ", the record " + found);
    }
  }

  @Test
  void condition_andItsSchema_agreeBothWays() {
    SchemaNode condition = Schemas.kinds().kind("otherix/v1", "VM").orElseThrow().schema();
    for (String member : List.of("status", "conditions")) {
      condition = Objects.requireNonNull(condition.member(member));
    }
    Set<String> components = new TreeSet<>();
    for (RecordComponent component : Condition.class.getRecordComponents()) {
      components.add(component.getName());
    }
    assertEquals(new TreeSet<>(condition.item().properties().keySet()), components);
  }
}
