package dev.otherix.apimachinery.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MetadataValidationTest {
  private static final FieldPath PATH = FieldPath.ROOT.child("metadata");

  private static ObjectMeta meta(String json) {
    Findings findings = new Findings();
    ObjectMeta meta = ObjectMeta.read(Json.parse(json.replace('\'', '"')), PATH, findings);
    assertTrue(findings.clean(), () -> findings.errors().toString());
    return meta;
  }

  private static String lines(List<FieldError> errors) {
    return String.join("; ", errors.stream().map(FieldError::toString).toList());
  }

  /// Columns: metadata of a cluster-scoped object, where the one error begins; empty for none.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'name':'a'} | ``",
        "{'name':'a.b-c'} | ``",
        "{'generateName':'a-'} | ``",
        "{'generateName':'a-','name':'a-b'} | ``",
        "{} | metadata.name: Required value: name or generateName is required",
        "{'name':'A'} | metadata.name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must",
        "{'generateName':'A-'} | metadata.generateName: Invalid value: \"A-\": a lowercase RFC",
        "{'name':'a','namespace':'n'} | metadata.namespace: Forbidden: not allowed on this type",
        "{'name':'a','generation':-1} | metadata.generation: Invalid value: -1: must be greater"
            + " than or equal to 0",
        "{'name':'a','labels':{'a':'b','example.com/c':''}} | ``",
        "{'name':'a','labels':{'-a':'b'}} | metadata.labels: Invalid value: \"-a\": name part must",
        "{'name':'a','labels':{'app':'-b'}} | metadata.labels[app]: Invalid value: \"-b\": a valid",
        "{'name':'a','annotations':{'A.example.com/B':'any thing'}} | ``",
        "{'name':'a','annotations':{'a b':'c'}} | metadata.annotations: Invalid value: \"a b\": name",
        "{'name':'a','finalizers':['a','example.com/b']} | ``",
        "{'name':'a','finalizers':['a','b b']} | metadata.finalizers[1]: Invalid value: \"b b\": name",
        "{'name':'a','finalizers':['orphan','foregroundDeletion']} | metadata.finalizers: Invalid"
            + " value: [\"orphan\",\"foregroundDeletion\"]: finalizer orphan and"
            + " foregroundDeletion cannot be both set",
        "{'name':'a','ownerReferences':[{'apiVersion':'v1','kind':'K','name':'n','uid':'u'}]} | ``",
        "{'name':'a','ownerReferences':[{'kind':'K','name':'n','uid':'u'}]} |"
            + " metadata.ownerReferences[0].apiVersion: Invalid value: \"\": version must not be empty",
        "{'name':'a','ownerReferences':[{'apiVersion':'a/b/c','kind':'K','name':'n','uid':'u'}]} |"
            + " metadata.ownerReferences[0].apiVersion: Invalid value: \"a/b/c\": must be",
        "{'name':'a','ownerReferences':[{'apiVersion':'a/','kind':'K','name':'n','uid':'u'}]} |"
            + " metadata.ownerReferences[0].apiVersion: Invalid value: \"a/\": must be",
        "{'name':'a','ownerReferences':[{'apiVersion':'v1','name':'n','uid':'u'}]} |"
            + " metadata.ownerReferences[0].kind: Invalid value: \"\": kind must not be empty",
        "{'name':'a','ownerReferences':[{'apiVersion':'v1','kind':'K','uid':'u'}]} |"
            + " metadata.ownerReferences[0].name: Invalid value: \"\": name must not be empty",
        "{'name':'a','ownerReferences':[{'apiVersion':'v1','kind':'K','name':'n'}]} |"
            + " metadata.ownerReferences[0].uid: Invalid value: \"\": uid must not be empty",
        "{'name':'a','ownerReferences':[{'apiVersion':'v1','kind':'Event','name':'n','uid':'u'}]} |"
            + " metadata.ownerReferences[0].apiVersion: Invalid value: \"v1\": v1, Kind=Event is"
            + " disallowed",
        "{'name':'a','ownerReferences':[{'apiVersion':'v1','kind':'K','name':'n','uid':'u',"
            + "'controller':true},{'apiVersion':'v1','kind':'L','name':'m','uid':'w',"
            + "'controller':true}]} | metadata.ownerReferences[1].controller: Invalid value: true:"
            + " Only one reference can have Controller set to true. Found \"true\" in references"
            + " for K/n and L/m",
        "{'name':'a','ownerReferences':[{'apiVersion':'v1','kind':'K','name':'n','uid':'u',"
            + "'controller':true},{'apiVersion':'v1','kind':'L','name':'m','uid':'w',"
            + "'controller':false}]} | ``",
        "{'name':'a','managedFields':[{'manager':'m','operation':'Apply','fieldsType':'FieldsV1'}]} |"
            + " ``",
        "{'name':'a','managedFields':[{'manager':'m','operation':'apply'}]} |"
            + " metadata.managedFields[0].operation: Invalid value: \"apply\": must be `Apply` or"
            + " `Update`",
        "{'name':'a','managedFields':[{'operation':'Apply','fieldsType':'V2'}]} |"
            + " metadata.managedFields[0].fieldsType: Invalid value: \"V2\": must be `FieldsV1`",
        "{'name':'a','managedFields':[{'operation':'Apply','manager':'a\\u0007'}]} |"
            + " metadata.managedFields[0].manager: Invalid value: \"a\\u0007\": should only contain"
            + " printable characters",
      })
  void onCreate_metadata_isGoodOrSaysWhy(String json, String start) {
    List<FieldError> errors =
        MetadataValidation.onCreate(meta(json), false, NameRule.DNS_SUBDOMAIN);
    assertEquals(start.isEmpty() ? 0 : 1, errors.size(), () -> lines(errors));
    assertTrue(lines(errors).startsWith(start), () -> lines(errors));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'name':'a','namespace':'n'} | ``",
        "{'name':'a'} | metadata.namespace: Required value",
        "{'name':'a','namespace':'n.m'} | metadata.namespace: Invalid value: \"n.m\": a lowercase"
            + " RFC 1123 label",
      })
  void onCreate_namespacedKind_needsANamespace(String json, String start) {
    List<FieldError> errors = MetadataValidation.onCreate(meta(json), true, NameRule.DNS_LABEL);
    assertEquals(start.isEmpty() ? 0 : 1, errors.size(), () -> lines(errors));
    assertTrue(lines(errors).startsWith(start), () -> lines(errors));
  }

  @Test
  void onCreate_severalErrors_reportsAll() {
    List<FieldError> errors =
        MetadataValidation.onCreate(
            meta("{'name':'A','labels':{'-':'-'},'finalizers':['']}"),
            true,
            NameRule.DNS_SUBDOMAIN);
    assertEquals(
        List.of(
            "metadata.name",
            "metadata.namespace",
            "metadata.labels",
            "metadata.labels[-]",
            "metadata.finalizers[0]",
            "metadata.finalizers[0]"),
        errors.stream().map(each -> each.path().toString()).toList());
  }

  @Test
  void onCreate_annotations_mayHold256KiB() {
    int room = MetadataValidation.ANNOTATIONS_BYTES_MAX - 2;
    ObjectMeta full =
        meta("{'name':'a'}").toBuilder()
            .annotations(Map.of("k", "x".repeat(room - 3), "l", "\u00e9!"))
            .build();
    assertTrue(MetadataValidation.onCreate(full, false, NameRule.DNS_SUBDOMAIN).isEmpty());
    ObjectMeta over =
        full.toBuilder()
            .annotations(Map.of("k", "x".repeat(room - 3), "l", "\u00e9\u00e9"))
            .build();
    assertEquals(
        "metadata.annotations: Too long: may not be more than 262144 bytes",
        lines(MetadataValidation.onCreate(over, false, NameRule.DNS_SUBDOMAIN)));
  }

  private static final String STORED =
      "'name':'a','namespace':'n','uid':'u','resourceVersion':'5','generation':2,"
          + "'creationTimestamp':'2026-01-01T00:00:00Z'";

  /// Columns: a member that the update changes (its value follows), the one error.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'labels':{'a':'b'} | ``",
        "'finalizers':['a'] | ``",
        "'generation':3 | ``",
        "'generation':1 | metadata.generation: Invalid value: 1: must not be decremented",
        "'name':'b' | metadata.name: Invalid value: \"b\": field is immutable",
        "'namespace':'m' | metadata.namespace: Invalid value: \"m\": field is immutable",
        "'uid':'w' | metadata.uid: Invalid value: \"w\": field is immutable",
        "'resourceVersion':'' | metadata.resourceVersion: Invalid value: \"\": must be specified for"
            + " an update",
        "'resourceVersion':'4' | ``",
        "'creationTimestamp':'2026-01-01T00:00:01Z' | metadata.creationTimestamp: Invalid value:"
            + " \"2026-01-01T00:00:01Z\": field is immutable",
        "'creationTimestamp':null | metadata.creationTimestamp: Invalid value: field is immutable",
        "'deletionTimestamp':'2026-01-01T00:00:01Z' | metadata.deletionTimestamp: Invalid value:"
            + " \"2026-01-01T00:00:01Z\": field is immutable",
        "'deletionGracePeriodSeconds':5 | metadata.deletionGracePeriodSeconds: Invalid value: 5:"
            + " field is immutable",
        "'labels':{'a':'-'} | metadata.labels[a]: Invalid value: \"-\": a valid label must be an",
      })
  void onUpdate_change_isAllowedOrSaysWhy(String change, String start) {
    ObjectMeta stored = meta("{" + STORED + "}");
    String name = change.substring(0, change.indexOf(':'));
    String rest = STORED.replaceAll("," + name + ":('[^']*'|[0-9]+)|" + name + ":'[^']*',", "");
    List<FieldError> errors =
        MetadataValidation.onUpdate(meta("{" + rest + "," + change + "}"), stored);
    assertEquals(start.isEmpty() ? 0 : 1, errors.size(), () -> lines(errors));
    assertTrue(lines(errors).startsWith(start), () -> lines(errors));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "['a','b'] | ``",
        "['b','a'] | ``",
        "['a'] | ``",
        "[] | ``",
        "['a','b','c'] | [\"c\"]",
        "['c','d'] | [\"c\",\"d\"]",
      })
  void onUpdate_finalizersWhileDeleting_mayOnlyGo(String finalizers, String added) {
    String deleting = STORED + ",'deletionTimestamp':'2026-01-01T00:00:01Z','finalizers':";
    List<FieldError> errors =
        MetadataValidation.onUpdate(
            meta("{" + deleting + finalizers + "}"), meta("{" + deleting + "['a','b']}"));
    assertEquals(
        added.isEmpty()
            ? ""
            : "metadata.finalizers: Forbidden: no new finalizers can be added if the object is"
                + " being deleted, found new finalizers "
                + added,
        lines(errors));
  }

  @Test
  void fieldManager_lengthAndCharacters_areLimited() {
    FieldPath path = FieldPath.ROOT.child("fieldManager");
    assertTrue(MetadataValidation.fieldManager("kubectl edit \u00e9", path).isEmpty());
    assertTrue(MetadataValidation.fieldManager("a".repeat(128), path).isEmpty());
    assertEquals(
        "fieldManager: Too long: may not be more than 128 bytes",
        lines(MetadataValidation.fieldManager("a".repeat(129), path)));
    for (String wrong : List.of("a\n", "\u200b", "\u00a0", "\ud83d\ude00\u0000", "\ue000")) {
      assertEquals(1, MetadataValidation.fieldManager(wrong, path).size());
    }
  }
}
