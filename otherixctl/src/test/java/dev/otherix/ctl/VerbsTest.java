package dev.otherix.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
final class VerbsTest {
  @TempDir static Path folder;

  private static TestServer server;
  private static Ctl ctl;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    server = TestServer.start(folder);
    ctl = new Ctl(Map.of("OTHERIX_SERVER", server.endpoint(), "HOME", folder.toString()));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String machine(String name, String more) {
    return """
    apiVersion: otherix/v1
    kind: VM
    metadata: {name: %s}
    spec: {imageURL: "https://images.example/x.qcow2", arch: amd64%s}
    """
        .formatted(name, more);
  }

  private static String map(String name, String value) {
    return """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: %s}
    data: {key: %s}
    """
        .formatted(name, value);
  }

  private static Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void create_twice_succeedsThenConflicts() {
    assertEquals(
        "created VM/created\n",
        ctl.fed(machine("created", ""), "create", "-f", "-").succeeds().out());
    Ctl.Result again = ctl.fed(machine("created", ""), "create", "-f", "-").fails(4);
    assertEquals("", again.out());
    assertTrue(again.err().startsWith("error: create VM/created: api_error: AlreadyExists: "));
    assertTrue(again.err().endsWith("error: create -f: 1 of 1 documents failed\n"), again.err());
  }

  @Test
  void create_dryRun_keepsNothing() {
    assertEquals(
        "would create VM/tried\n",
        ctl.fed(machine("tried", ""), "create", "-f", "-", "--dry-run=client").succeeds().out());
    assertEquals(
        "created VM/tried (server dry run)\n",
        ctl.fed(machine("tried", ""), "create", "-f", "-", "--dry-run=server").succeeds().out());
    ctl.run("get", "vm", "tried").fails(5);
  }

  @Test
  void create_oneBadDocument_sendsNothing() {
    Ctl.Result result =
        ctl.fed(
                machine("sound", "") + "---\n" + machine("unsound", ", memoryMb: 5"),
                "create",
                "-f",
                "-")
            .fails(1);
    assertEquals("", result.out());
    assertEquals(
        """
        error: standard input:9:75: spec.memoryMb: unknown field; did you mean "memoryMB"?
        error: 1 of 2 documents cannot be used; nothing was sent
        """,
        result.err());
    ctl.run("get", "vm", "sound").fails(5);
  }

  @Test
  void create_kindTheServerLacks_saysWhere() {
    Ctl.Result result =
        ctl.fed("\napiVersion: otherx/v1\nkind: VM\nmetadata: {name: x}\n", "create", "-f", "-")
            .fails(1);
    assertTrue(
        result
            .err()
            .startsWith(
                "error: standard input:2:1: apiVersion: the server does not serve \"otherx/v1\";"
                    + " did you mean \"otherix/v1\"?"),
        result.err());
  }

  @Test
  void create_otherKindThatTheServerRefuses_sendsNothing() {
    Ctl.Result result =
        ctl.fed(
                map("fine", "v")
                    + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndatum: {}\n",
                "create",
                "-f",
                "-")
            .fails(1);
    assertTrue(result.err().contains("standard input:6:1: "), result.err());
    assertTrue(result.err().contains("datum"), result.err());
    ctl.run("get", "configmap", "fine").fails(5);
  }

  @Test
  void create_definitionAndItsObject_waitsForNothingElse() {
    String definition =
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: gadgets.example.io}
        spec:
          group: example.io
          scope: Namespaced
          names: {plural: gadgets, singular: gadget, kind: Gadget, listKind: GadgetList}
          versions:
          - name: v1
            served: true
            storage: true
            subresources: {scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec: {type: object, properties: {replicas: {type: integer, description: How many.}}}
                  status: {type: object, properties: {replicas: {type: integer}}}
        """;
    ctl.fed(definition, "apply", "-f", "-", "--wait").succeeds();
    String gadget =
        "apiVersion: example.io/v1\nkind: Gadget\nmetadata: {name: g}\nspec: {replicas: 1}\n";
    assertEquals("created Gadget/g\n", ctl.fed(gadget, "apply", "-f", "-").succeeds().out());
    assertEquals(
        "scaled Gadget/g\n",
        ctl.run("scale", "gadget/g", "--replicas=3", "--current-replicas=1").succeeds().out());
    ctl.run("scale", "gadget/g", "--replicas=3", "--current-replicas=1").fails(4);
    assertEquals(
        "3", ctl.run("get", "gadget", "g", "-o", "jsonpath={.spec.replicas}").succeeds().out());
    assertTrue(ctl.run("explain", "gadget.spec.replicas").succeeds().out().contains("How many."));
  }

  @Test
  void get_kindThatIsNewerThanWhatIsRemembered_isFound() throws IOException {
    Path remembered = folder.resolve("remembered");
    String option = "--cache-dir=" + remembered;
    ctl.run("get", "vms", option).succeeds();
    assertTrue(Files.exists(remembered));
    ctl.fed(
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: newcomers.example.io}
            spec:
              group: example.io
              scope: Namespaced
              names: {plural: newcomers, singular: newcomer, kind: Newcomer, listKind: NewcomerList}
              versions:
              - name: v1
                served: true
                storage: true
                schema: {openAPIV3Schema: {type: object}}
            ---
            apiVersion: example.io/v1
            kind: Newcomer
            metadata: {name: late}
            """,
            "create",
            "-f",
            "-",
            option)
        .succeeds();
    assertEquals(
        "newcomer.example.io/late\n",
        ctl.run("get", "newcomers", "-o", "name", option).succeeds().out());
  }

  @Test
  void get_cacheDirIsEmpty_remembersNothing() throws IOException {
    Path home = Files.createDirectory(folder.resolve("forgetful"));
    Ctl forgetful = new Ctl(Map.of("OTHERIX_SERVER", server.endpoint(), "HOME", home.toString()));
    forgetful.run("get", "vms", "--cache-dir", "").succeeds();
    assertFalse(Files.exists(home.resolve(".otherix")));
    forgetful.run("get", "vms").succeeds();
    assertTrue(Files.exists(home.resolve(".otherix/cache")));
  }

  @Test
  void apply_tellsWhatBecameOfEachObject() {
    String first = machine("applied", ", memoryMB: 512");
    assertEquals("created VM/applied\n", ctl.fed(first, "apply", "-f", "-").succeeds().out());
    assertEquals("unchanged VM/applied\n", ctl.fed(first, "apply", "-f", "-").succeeds().out());
    assertEquals(
        "configured VM/applied\n",
        ctl.fed(machine("applied", ", memoryMB: 1024"), "apply", "-f", "-").succeeds().out());
  }

  @Test
  void apply_whatGetPrinted_changesNothing() {
    ctl.fed(machine("round", ", labels: {app: web}"), "create", "-f", "-").succeeds();
    String printed = ctl.run("get", "vm", "round", "-o", "yaml").succeeds().out();
    String before = ctl.run("get", "vm", "round", "-o", "jsonpath={.spec}").out();
    ctl.fed(printed, "apply", "-f", "-").succeeds();
    ctl.fed(printed.replace("memoryMB: 2048", "memoryMB: 4096"), "apply", "-f", "-").succeeds();
    assertEquals(
        before.replace("2048", "4096"),
        ctl.run("get", "vm", "round", "-o", "jsonpath={.spec}").out());
    String list = ctl.run("get", "vms", "-o", "yaml").succeeds().out();
    assertFalse(ctl.fed(list, "apply", "-f", "-").succeeds().out().isEmpty());
  }

  @Test
  void apply_fieldOfSomebodyElse_conflictsUntilForced() {
    ctl.fed(map("contested", "mine"), "apply", "-f", "-").succeeds();
    String theirs =
        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"contested\"},"
            + "\"data\":{\"key\":\"theirs\"}}";
    String path = "/api/v1/namespaces/default/configmaps/contested?fieldManager=somebody";
    Path body = folder.resolve("theirs.json");
    try {
      Files.writeString(body, theirs);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    ctl.run("raw", "-X", "put", path, "-f", body.toString()).succeeds();
    Ctl.Result refused = ctl.fed(map("contested", "mine"), "apply", "-f", "-").fails(4);
    assertTrue(refused.err().contains("--force-conflicts"), refused.err());
    ctl.fed(map("contested", "mine"), "apply", "-f", "-", "--force-conflicts").succeeds();
    assertEquals(
        "mine", ctl.run("get", "configmap", "contested", "-o", "jsonpath={.data.key}").out());
  }

  @Test
  void apply_prune_deletesWhatIsInTheSetNoMore() {
    String kept = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept, labels: {set: a}}\n";
    String gone = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: gone, labels: {set: a}}\n";
    ctl.fed(kept + "---\n" + gone, "apply", "-f", "-", "--prune", "-l", "set=a").succeeds();
    assertEquals(
        "unchanged ConfigMap/kept\npruned ConfigMap/gone\n",
        ctl.fed(kept, "apply", "-f", "-", "--prune", "-l", "set=a").succeeds().out());
    ctl.run("get", "configmap", "gone").fails(5);
    Ctl.Result outside = ctl.fed(map("outside", "v"), "apply", "-f", "-", "--prune", "-l", "set=a");
    assertTrue(outside.fails(2).err().contains("does not have the labels set=a"), outside.err());
    ctl.fed(kept, "apply", "-f", "-", "--prune").fails(2);
  }

  @Test
  void diff_showsChangesAndMasksSecrets() {
    String secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: hidden}\nstringData: {password: %s}\n";
    Ctl.Result fresh = ctl.fed(secret.formatted("first"), "diff", "-f", "-").fails(1);
    assertTrue(fresh.out().startsWith("--- Secret/hidden (none)\n+++ Secret/hidden\n"));
    ctl.fed(secret.formatted("first"), "apply", "-f", "-").succeeds();
    assertEquals("", ctl.fed(secret.formatted("first"), "diff", "-f", "-").succeeds().out());
    Ctl.Result changed = ctl.fed(secret.formatted("second"), "diff", "-f", "-").fails(1);
    assertTrue(changed.out().contains("-  password: '*** (before)'"), changed.out());
    assertFalse(changed.out().contains("c2Vjb25k"), changed.out());
    assertFalse(changed.out().contains("second"), changed.out());
    Ctl.Result coloured = ctl.atTerminal(secret.formatted("second"), "diff", "-f", "-").fails(1);
    assertTrue(coloured.out().contains("\u001b[31m-"), coloured.out());
  }

  @Test
  void delete_byNameAndLabelAndFile() throws IOException {
    Path file = write("three.yaml", map("d1", "a") + "---\n" + map("d2", "b"));
    ctl.run("create", "-f", file.toString()).succeeds();
    assertEquals("deleted ConfigMap/d1\n", ctl.run("delete", "configmap", "d1").succeeds().out());
    Ctl.Result missing = ctl.run("delete", "-f", file.toString()).fails(5);
    assertEquals("deleted ConfigMap/d2\n", missing.out());
    assertEquals(
        "", ctl.run("delete", "-f", file.toString(), "--ignore-not-found").succeeds().out());
    ctl.run("delete", "configmaps").fails(2);
    ctl.fed(map("d3", "c").replace("{name: d3}", "{name: d3, labels: {x: y}}"), "create", "-f", "-")
        .succeeds();
    assertEquals(
        "deleted ConfigMap/d3 (server dry run)\n",
        ctl.run("delete", "configmaps", "-l", "x=y", "--dry-run=server").succeeds().out());
    assertEquals(
        "deleted ConfigMap/d3\n", ctl.run("delete", "configmaps", "-l", "x=y").succeeds().out());
  }

  @Test
  void delete_whatGoesWithAnotherOfTheCommand_isNoFailure() throws IOException {
    String vm =
        """
        apiVersion: otherix/v1
        kind: VM
        metadata: {name: parent}
        spec: {imageURL: "http://images.example/x", arch: amd64}
        """;
    ctl.fed(vm, "create", "-f", "-").succeeds();
    String uid = ctl.run("get", "vm", "parent", "-o", "jsonpath={.metadata.uid}").out();
    String child =
        map("child", "v")
            .replace(
                "{name: child}",
                "{name: child, ownerReferences: [{apiVersion: otherix/v1, kind: VM, name: parent,"
                    + " blockOwnerDeletion: true, uid: "
                    + uid
                    + "}]}");
    Path file = write("family.yaml", child + "---\n" + vm);
    ctl.run("apply", "-f", file.toString()).succeeds();
    assertEquals(
        "deleted VM/parent\nalready gone: ConfigMap/child\n",
        ctl.run("delete", "-f", file.toString(), "--cascade=foreground").succeeds().out());
    ctl.run("delete", "-f", file.toString()).fails(5);
  }

  @Test
  void delete_objectWithFinalizer_waitsAndTellsWhatItWaitsFor() {
    ctl.fed(
            map("held", "v").replace("{name: held}", "{name: held, finalizers: [example.io/hold]}"),
            "create",
            "-f",
            "-")
        .succeeds();
    Ctl.Result late = ctl.run("delete", "configmap", "held", "--timeout=1s").fails(3);
    assertTrue(late.err().contains("waits for example.io/hold"), late.err());
    assertEquals(
        "deleting ConfigMap/held\n",
        ctl.run("delete", "configmap", "held", "--wait=false").succeeds().out());
    ctl.run("patch", "configmap", "held", "-p", "{metadata: {finalizers: null}}").succeeds();
    ctl.run("wait", "configmap/held", "--for=delete").succeeds();
  }

  @Test
  void delete_atTerminal_asksFirst() {
    ctl.fed(map("asked", "v"), "create", "-f", "-").succeeds();
    Ctl.Result no = ctl.atTerminal("n\n", "delete", "configmap", "asked").succeeds();
    assertEquals("delete ConfigMap/asked? [y/N]: aborted\n", no.err());
    ctl.run("get", "configmap", "asked").succeeds();
    ctl.atTerminal("y\n", "delete", "configmap", "asked").succeeds();
    ctl.run("get", "configmap", "asked").fails(5);
  }

  @Test
  void describe_showsFieldsConditionsAndEvents() {
    ctl.fed(machine("told", ""), "create", "-f", "-").succeeds();
    ctl.run("wait", "vm/told", "--for=condition=Scheduled=False").succeeds();
    String text = ctl.run("describe", "vm/told").succeeds().out();
    assertTrue(text.startsWith("Name: told\nKind: VM\nAPI version: otherix/v1\n"), text);
    assertTrue(text.contains("\n  memoryMB: 2048\n"), text);
    assertTrue(text.contains("  TYPE"), text);
    assertTrue(text.contains("\nEvents:"), text);
    ctl.run("describe", "vm/absent").fails(5);
  }

  @Test
  void patch_label_annotate_changeTheObject() {
    ctl.fed(map("changed", "v"), "create", "-f", "-").succeeds();
    assertEquals(
        "patched ConfigMap/changed\n",
        ctl.run("patch", "configmap", "changed", "-p", "{data: {key: w}}").succeeds().out());
    ctl.run("patch", "cm/changed", "--type=json", "-p", "[{op: remove, path: /data/key}]")
        .succeeds();
    ctl.run("patch", "cm/changed").fails(2);
    assertEquals(
        "changed ConfigMap/changed\n",
        ctl.run("label", "configmap", "changed", "a=b").succeeds().out());
    ctl.run("label", "configmap", "changed", "a=c").fails(4);
    assertEquals(
        "unchanged ConfigMap/changed\n",
        ctl.run("label", "configmap", "changed", "a=b").succeeds().out());
    ctl.run("label", "configmap", "changed", "a=c", "--overwrite").succeeds();
    ctl.run("label", "configmap", "changed", "a-").succeeds();
    ctl.run("annotate", "configmap", "changed", "n=1").succeeds();
    assertEquals(
        Json.parse("{\"n\":\"1\"}"),
        Json.parse(
            ctl.run("get", "configmap", "changed", "-o", "jsonpath={.metadata.annotations}")
                .out()));
    assertEquals("", ctl.run("get", "cm", "changed", "-o", "jsonpath={.metadata.labels.a}").out());
  }

  @Test
  void edit_sendsWhatTheEditorLeft() {
    ctl.fed(map("edited", "before"), "create", "-f", "-").succeeds();
    Ctl editing =
        new Ctl(Map.of("OTHERIX_SERVER", server.endpoint(), "EDITOR", "sed -i s/before/after/"));
    assertEquals("changed ConfigMap/edited\n", editing.run("edit", "cm/edited").succeeds().out());
    assertEquals("nothing was changed\n", editing.run("edit", "cm/edited").succeeds().err());
    assertEquals("after", ctl.run("get", "cm", "edited", "-o", "jsonpath={.data.key}").out());
    Ctl broken = new Ctl(Map.of("OTHERIX_SERVER", server.endpoint(), "EDITOR", "false"));
    assertTrue(broken.run("edit", "cm/edited").fails(1).err().contains("ended with 1"));
  }

  @Test
  void wait_forFieldsAndTimeouts() {
    ctl.fed(map("awaited", "v"), "create", "-f", "-").succeeds();
    assertEquals(
        "ConfigMap/awaited met create\n",
        ctl.run("wait", "cm/awaited", "--for=create").succeeds().out());
    ctl.run("wait", "cm/awaited", "--for=jsonpath={.data.key}=v").succeeds();
    Ctl.Result late =
        ctl.run("wait", "cm/awaited", "--for=jsonpath=.data.key=w", "--timeout=300ms").fails(3);
    assertTrue(late.err().contains("ConfigMap/awaited is \"v\""), late.err());
    ctl.run("wait", "cm/never", "--for=create", "--timeout=300ms").fails(3);
    ctl.run("wait", "cm/awaited", "--for=sunshine").fails(2);
  }

  @Test
  void smallCommands_answer() {
    assertTrue(ctl.run("api-resources").succeeds().out().contains("otherix/v1"));
    assertTrue(ctl.run("api-resources", "-o", "name").succeeds().out().contains("vms.otherix\n"));
    ctl.run("api-resources", "-o", "xml").fails(2);
    assertEquals("yes\n", firstWord(ctl.run("auth", "can-i", "delete", "vm/x").succeeds().out()));
    assertTrue(ctl.run("auth", "can-i", "--list").succeeds().out().startsWith("RESOURCES"));
    ctl.run("auth", "can-i", "delete").fails(2);
    assertTrue(ctl.run("auth", "whoami").succeeds().out().startsWith("username: local-admin\n"));
    assertTrue(ctl.run("version").succeeds().out().contains("\nserver: "));
    assertTrue(ctl.run("raw", "/version").succeeds().out().contains("gitVersion"));
    ctl.run("raw", "/nowhere").fails(5);
    ctl.run("raw", "version").fails(2);
    Path profile = folder.resolve("server.jfr");
    ctl.run("raw", "/debug/profile?seconds=1", "-o", profile.toString()).succeeds();
    assertEquals("FLR", new String(firstBytes(profile), StandardCharsets.US_ASCII));
    ctl.run("raw", "/version", "-o", folder.toString()).fails(1);
    ctl.run("events").succeeds();
    ctl.run("events", "--for", "vm/absent").succeeds();
    assertTrue(ctl.run("explain", "vm.spec.memoryMB").succeeds().out().contains("FIELD: memoryMB"));
    ctl.run("explain", "configmap").fails(5);
  }

  private static String firstWord(String text) {
    return text.replaceAll("[ \n].*\\n?", "") + "\n";
  }

  @Test
  void verbose_showsRequestsWithoutSecrets() {
    Ctl.Result result = ctl.run("get", "vms", "-v", "--token", "otx_secret");
    assertTrue(result.err().contains("GET /apis/otherix/v1/vms"), result.err());
    assertFalse(result.err().contains("otx_secret"), result.err());
  }

  @Test
  void noServer_isToldWithRemedies() {
    Ctl none = new Ctl(Map.of("HOME", folder.toString()));
    Ctl.Result result = none.run("get", "vms").fails(2);
    assertTrue(result.err().startsWith("error: no server is known: name one with --endpoint"));
    Ctl refused = new Ctl(Map.of("OTHERIX_SERVER", "unix://" + folder.resolve("gone.sock")));
    assertTrue(refused.run("get", "vms").fails(1).err().startsWith("error: "), "one line");
  }

  @Test
  void complete_commandsKindsAndNames() {
    ctl.fed(machine("completed-1", ""), "create", "-f", "-").succeeds();
    assertEquals("create\n", ctl.run("__complete", "--", "cr").succeeds().out());
    assertEquals("completed-1\n", ctl.run("__complete", "--", "get", "vm", "completed").out());
    assertEquals("completed-1\n", ctl.run("__complete", "--", "vm", "stop", "completed").out());
    assertEquals("vms\nvmsnapshots\n", ctl.run("__complete", "--", "describe", "vm").out());
    assertEquals("--image-url\n", ctl.run("__complete", "--", "vm", "create", "--image-u").out());
    Ctl none = new Ctl(Map.of("HOME", folder.toString()));
    assertEquals("", none.run("__complete", "--", "get", "vm", "").succeeds().out());
    for (String shell : new String[] {"bash", "zsh", "fish"}) {
      assertTrue(ctl.run("completion", shell).succeeds().out().contains("otherixctl __complete"));
    }
    ctl.run("completion", "csh").fails(2);
  }

  @Test
  void doctor_namesTheServerOrSaysWhatToDo() {
    assertTrue(ctl.run("doctor", "--no-host").succeeds().out().contains("good     server"));
    Ctl none = new Ctl(Map.of("HOME", folder.toString()));
    Ctl.Result bad = none.run("doctor", "--no-host").fails(1);
    assertTrue(bad.out().contains("bad      server        no server is known"), bad.out());
  }

  private static byte[] firstBytes(Path file) {
    try {
      return Arrays.copyOf(Files.readAllBytes(file), 3);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
