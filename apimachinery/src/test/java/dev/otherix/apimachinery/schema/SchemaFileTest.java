package dev.otherix.apimachinery.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.ApiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

final class SchemaFileTest {
  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      textBlock =
          """
          /x-otherix-kind/colour => 1 => x-otherix-kind.colour: Forbidden: no such member; known are categories
          /x-otherix-kind/group => "Example" => x-otherix-kind.group: Invalid value: "Example"
          /x-otherix-kind/version => "" => x-otherix-kind.version: Required value
          /x-otherix-kind/scope => "x" => x-otherix-kind.scope: Unsupported value: "x": supported values: "Cluster", "Namespaced"
          /x-otherix-kind/nameFormat => "any" => x-otherix-kind.nameFormat: Unsupported value: "any"
          /x-otherix-kind/immutable => [".spec.none"] => x-otherix-kind.immutable[0]: Invalid value: ".spec.none": the schema has no such field
          /x-otherix-kind/immutable => [".spec.disks[0].name"] => x-otherix-kind.immutable[0]: Forbidden: must be a plain dotted path
          /x-otherix-kind/immutable => ".spec.arch" => x-otherix-kind.immutable: Invalid value: ".spec.arch": must be a list of paths
          /x-otherix-kind/selectableFields => [".spec.disks"] => x-otherix-kind.selectableFields[0]: Forbidden
          /x-otherix-kind/selectableFields => [".spec.arch",".spec.arch",".spec.arch",".spec.arch",".spec.arch",".spec.arch",".spec.arch",".spec.arch",".spec.arch",".spec.arch",".spec.arch",".spec.arch",".spec.arch",".spec.arch",".spec.arch",".spec.arch",".spec.arch"] => x-otherix-kind.selectableFields: Too many: 17: must have at most 16 items
          /x-otherix-kind/columns/0/jsonPath => ".status.fase" => x-otherix-kind.columns[0].jsonPath: Invalid value: ".status.fase": the schema has no such field
          /x-otherix-kind/columns/1/jsonPath => ".status.conditions[?(@.typ==\\"Ready\\")].status" => x-otherix-kind.columns[1].jsonPath: Invalid value
          /x-otherix-kind/columns/0/width => 3 => x-otherix-kind.columns[0].width: Forbidden
          /x-otherix-kind/subresources/logs => {} => x-otherix-kind.subresources.logs: Forbidden
          /x-otherix-kind/subresources/status => {} => x-otherix-kind.subresources.status: Invalid value: {}: must be true or false
          /x-otherix-kind/subresources/actions => ["Start"] => x-otherix-kind.subresources.actions[0]: Invalid value: "Start"
          /x-otherix-kind/subresources/actions => ["scale"] => x-otherix-kind.subresources.actions: Forbidden
          /x-otherix-kind/subresources/updates => ["status"] => x-otherix-kind.subresources.updates: Forbidden: status is a subresource already
          /x-otherix-kind/subresources/updates => "finalize" => x-otherix-kind.subresources.updates: Invalid value: "finalize": must be a list of names
          /x-otherix-kind/traits => ["fast"] => x-otherix-kind.traits[0]: Unsupported value: "fast": supported values: "createOnly", "strategicMerge", "ownNameColumn"
          /x-otherix-kind/traits => "createOnly" => x-otherix-kind.traits: Invalid value: "createOnly": must be a list of traits
          /x-otherix-kind/columns/0/form => "sum" => x-otherix-kind.columns[0].form: Unsupported value: "sum": supported values: "value", "count", "reference", "list", "bytes"
          /x-otherix-kind/columns/0/orElse => [".spec.none"] => x-otherix-kind.columns[0].orElse[0]: Invalid value: ".spec.none": the schema has no such field
          /x-otherix-kind/subresources/scale/specReplicasPath => ".spec.none" => x-otherix-kind.subresources.scale.specReplicasPath: Invalid value: ".spec.none": the schema has no such field
          /$schema => "http://json-schema.org/draft-07/schema#" => $schema: Unsupported value
          /properties/spec/properties/image/$ref => "#/$defs/none" => properties[spec].properties[image].$ref: Invalid value: #/$defs/none is not there
          /properties/spec/properties/image/$ref => "https://example.io/x" => only #/$defs/NAME of this file is read
          /$defs/image/properties/url => {"$ref":"#/$defs/image"} => #/$defs/image leads back to itself
          /properties/spec/properties/vcpus/minLength => 3 => properties[spec].properties[vcpus].minLength: Forbidden: says nothing about a integer
          /properties/spec/properties/vcpus/format => "ipv4" => properties[spec].properties[vcpus].format: Forbidden
          /properties/spec/properties/snapshot/format => "postcode" => properties[spec].properties[snapshot].format: Invalid value: "postcode": must be one of absolute-path
          /properties/spec/required => ["nothing"] => properties[spec].required: Not found: "nothing"
          /properties/spec/properties/vcpus/readOnly => true => properties[spec].properties[vcpus].readOnly: Forbidden: no code honours the keyword "readOnly"; remove it
          /properties/spec/properties/vcpus/exclusiveMinimum => true => properties[spec].properties[vcpus].exclusiveMinimum: Invalid value: true: must be a number
          """)
  void read_damagedFile_isRefusedWithPlaceAndRemedy(String at, String value, String expected) {
    ObjectNode file = Json.parseObject(TestKinds.resource("machine.json"));
    int slash = at.lastIndexOf('/');
    ObjectNode parent = slash == 0 ? file : (ObjectNode) file.at(at.substring(0, slash));
    parent.set(at.substring(slash + 1), Json.parse(value));
    ApiException e = assertThrows(ApiException.class, () -> SchemaFile.read("vm.json", file));
    String message = e.status().message();
    assertTrue(message.startsWith("schema file vm.json cannot be registered"), message);
    assertTrue(message.contains(expected), message);
  }

  @Test
  void read_withoutHeader_saysWhatBelongsThere() {
    ApiException e =
        assertThrows(ApiException.class, () -> SchemaFile.read("x.json", "{\"type\": \"object\"}"));
    assertTrue(e.status().message().contains("x-otherix-kind: Required value"));
  }

  @Test
  void read_notJson_namesTheFile() {
    ApiException e = assertThrows(ApiException.class, () -> SchemaFile.read("x.json", "{"));
    assertTrue(e.status().message().startsWith("schema file x.json: "), e.status().message());
  }

  @Test
  void read_manyRefs_doNotGrowWithoutBound() {
    ObjectNode file = Json.parseObject(TestKinds.resource("machine.json"));
    ObjectNode defs = (ObjectNode) file.required("$defs");
    for (int i = 0; i < 30; i++) {
      ObjectNode properties = defs.putObject("d" + i).put("type", "object").putObject("properties");
      properties.putObject("l").put("$ref", "#/$defs/d" + (i + 1));
      properties.putObject("r").put("$ref", "#/$defs/d" + (i + 1));
    }
    defs.putObject("d30").put("type", "string");
    ((ObjectNode) file.at("/properties/spec/properties"))
        .putObject("big")
        .put("$ref", "#/$defs/d0");
    ApiException e = assertThrows(ApiException.class, () -> SchemaFile.read("x.json", file));
    assertTrue(e.status().message().contains("more than 100000 nodes"), e.status().message());
  }

  @Test
  void read_refWithSiblings_siblingsWin() {
    ObjectNode file = Json.parseObject(TestKinds.resource("machine.json"));
    ((ObjectNode) file.at("/properties/spec/properties/image")).put("description", "Mine.");
    Kind kind = SchemaFile.read("x.json", file);
    SchemaNode image = JsonPath.parse(".spec.image").find(kind.schema());
    assertTrue(image != null && image.properties().containsKey("sha256"));
    assertEquals("Mine.", image.description());
  }
}
