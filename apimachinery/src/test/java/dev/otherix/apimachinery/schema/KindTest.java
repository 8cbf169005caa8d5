package dev.otherix.apimachinery.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.NameRule;
import dev.otherix.apimachinery.status.FieldError;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class KindTest {
  private final Kind kind = TestKinds.machine();

  @Test
  void read_machine_headerIsComplete() {
    assertEquals("example.io/v1", kind.apiVersion());
    assertEquals("machine", kind.singular());
    assertEquals("MachineList", kind.listKind());
    assertEquals(List.of("mc"), kind.header().shortNames());
    assertEquals(List.of("all"), kind.header().categories());
    assertTrue(kind.namespaced());
    assertEquals(List.of("start", "stop"), kind.header().subresources().actions());
    assertEquals(".spec.nodeName", kind.header().selectableFields().getFirst().toString());
    assertEquals(NameRule.DNS_LABEL, kind.header().nameRule());
    assertEquals("machines.example.io/v1", kind.toString());
  }

  @Test
  void prepare_wholeObject_defaultsAndReportsUnknown() {
    ObjectNode object = Json.parseObject(TestKinds.machineObject());
    ObjectNode spec = (ObjectNode) object.required("spec");
    spec.remove("powerState");
    spec.put("colour", "red");
    spec.putNull("arch");
    ((ObjectNode) object.required("metadata")).put("extra", 1);
    List<String> removed = kind.prepare(object).stream().map(Object::toString).toList();
    assertEquals(List.of("metadata.extra", "spec.colour"), removed);
    assertEquals("Running", spec.path("powerState").asString());
    assertEquals("amd64", spec.path("arch").asString());
    assertEquals("virtio", spec.path("disks").path(1).path("bus").asString());
    assertEquals(10, spec.path("restart").path("max").asInt());
    assertEquals(List.of(), kind.validate(object));
  }

  @Test
  void validateUpdate_immutableFields_areReportedWhereTheyChange() {
    ObjectNode old = Json.parseObject(TestKinds.machineObject());
    kind.prepare(old);
    ObjectNode changed = old.deepCopy();
    ObjectNode spec = (ObjectNode) changed.required("spec");
    spec.put("arch", "arm64");
    ObjectNode data = (ObjectNode) spec.required("disks").get(1);
    data.put("bus", "sata");
    assertEquals(
        List.of(
            "spec.disks[1].bus: Invalid value: \"sata\": field is immutable",
            "spec.arch: Invalid value: \"arm64\": field is immutable"),
        kind.validateUpdate(old, changed).stream().map(FieldError::toString).toList());
    spec.remove("arch");
    ((ObjectNode) spec.required("disks").get(1)).put("name", "other");
    assertEquals(
        List.of("spec.arch: Invalid value: null: field is immutable"),
        kind.validateUpdate(old, changed).stream().map(FieldError::toString).toList());
  }

  @Test
  void validate_metadataOfWrongType_isReported() {
    ObjectNode object = Json.parseObject(TestKinds.machineObject());
    ((ObjectNode) object.required("metadata")).putObject("labels").put("app", 1);
    assertEquals(
        List.of(
            "metadata.labels[app]: Invalid value: \"integer\": metadata.labels[app] in body must"
                + " be of type string: \"integer\""),
        kind.validate(object).stream().map(FieldError::toString).toList());
  }

  @Test
  void kinds_lookUp_byEveryName() {
    Kinds kinds = Kinds.of(List.of(kind));
    assertEquals(kind, kinds.resource("example.io", "v1", "machines").orElseThrow());
    assertEquals(kind, kinds.kind("example.io/v1", "Machine").orElseThrow());
    for (String word :
        List.of("machines", "machine", "mc", "machines.example.io", "mc.example.io")) {
      assertEquals(kind, kinds.word(word).orElseThrow(), word);
    }
    assertTrue(kinds.word("m").isEmpty());
    assertTrue(kinds.resource("example.io", "v2", "machines").isEmpty());
    assertTrue(kinds.without("example.io", "machines").all().isEmpty());
    assertEquals(List.of("example.io/v1"), List.copyOf(kinds.apiVersions()));
  }
}
