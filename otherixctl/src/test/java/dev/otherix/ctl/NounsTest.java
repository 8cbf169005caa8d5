package dev.otherix.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
final class NounsTest {
  private static final String[] MACHINE = {
    "--image-url", "https://images.example/x.qcow2", "--arch", "amd64"
  };

  @TempDir static Path folder;

  private static TestServer server;
  private static Ctl ctl;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    server = TestServer.start(folder);
    ctl = new Ctl(Map.of("OTHERIX_SERVER", server.endpoint()));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Ctl.Result create(String name, String... more) {
    String[] all = new String[3 + MACHINE.length + more.length];
    all[0] = "vm";
    all[1] = "create";
    all[2] = name;
    System.arraycopy(MACHINE, 0, all, 3, MACHINE.length);
    System.arraycopy(more, 0, all, 3 + MACHINE.length, more.length);
    return ctl.run(all);
  }

  private static void node(String name) {
    ctl.fed(
            "apiVersion: otherix/v1\nkind: Node\nmetadata: {name: %s}\nspec: {arch: amd64}\n"
                .formatted(name),
            "create",
            "-f",
            "-")
        .succeeds();
  }

  @Test
  void vmCreate_oneLine_hasWhatTheOptionsSay() {
    assertEquals(
        "created vm=one status=pending\n",
        create(
                "one",
                "--vcpus",
                "4",
                "--memory-mb",
                "512",
                "--label",
                "app=web",
                "--disk-gib=10",
                "--disk",
                "logs=20")
            .succeeds()
            .out());
    assertEquals(
        "4 512 web 10 logs 20",
        ctl.run(
                "get",
                "vm",
                "one",
                "-o",
                "jsonpath={.spec.vcpus} {.spec.memoryMB} {.spec.labels.app} {.spec.diskGiB}"
                    + " {.spec.disks[0].name} {.spec.disks[0].sizeGiB}")
            .out());
    create("one").fails(4);
    Ctl.Result bad = create("two", "--vcpus", "0").fails(1);
    assertTrue(bad.err().contains("spec.vcpus"), bad.err());
    assertTrue(create("two", "--dry-run").succeeds().out().startsWith("apiVersion: otherix/v1\n"));
    ctl.run("vm", "get", "two").fails(5);
    Ctl.Result late = create("three", "--wait", "--wait-timeout=300ms").fails(3);
    assertTrue(late.err().contains("the server goes on"), late.err());
  }

  @Test
  void vmResize_changesTheSpec_andNeverShrinksADisk() {
    create("resized", "--disk-gib=10").succeeds();
    assertEquals(
        "resized vm=resized\n",
        ctl.run("vm", "resize", "resized", "--vcpus=4", "--memory-mb=1024", "--disk-gib=12")
            .succeeds()
            .out());
    assertEquals(
        "4 1024 12",
        ctl.run(
                "get",
                "vm",
                "resized",
                "-o",
                "jsonpath={.spec.vcpus} {.spec.memoryMB} {.spec.diskGiB}")
            .out());
    Ctl.Result smaller = ctl.run("vm", "resize", "resized", "--disk-gib=11").fails(1);
    assertTrue(smaller.err().contains("never shrink"), smaller.err());
    ctl.run("vm", "resize", "resized").fails(2);
    ctl.run("vm", "resize", "nobody", "--vcpus=1").fails(5);
  }

  @Test
  void snapshot_isCreatedListedAndDeleted_andHoldsItsMachine() {
    create("kept").succeeds();
    String made =
        ctl.run("vm", "snapshot", "kept", "--name=kept-1", "--consistency=crash-consistent")
            .succeeds()
            .out();
    assertTrue(made.startsWith("created snapshot=kept-1 id="), made);
    String generated = ctl.run("snapshot", "create", "kept").succeeds().out();
    assertTrue(generated.startsWith("created snapshot=kept-"), generated);
    assertTrue(
        ctl.run("snapshot", "create", "kept", "--consistency=none")
            .fails(1)
            .err()
            .contains("spec.consistency"));
    assertEquals(
        "all", ctl.run("get", "vmsnapshot", "kept-1", "-o", "jsonpath={.spec.disks}").out());
    ctl.run("snapshot", "create", "kept", "--name=small", "--disks=boot").succeeds();
    assertEquals(
        "boot", ctl.run("get", "vmsnapshot", "small", "-o", "jsonpath={.spec.disks}").out());
    ctl.run("snapshot", "delete", "small").succeeds();
    assertTrue(ctl.run("snapshot", "list", "--vm=kept").succeeds().out().contains("kept-1"));
    assertEquals("", ctl.run("snapshot", "list", "--vm=another").succeeds().out());
    assertTrue(ctl.run("snapshot", "restore", "kept-1").fails(4).err().contains("not ready"));
    assertTrue(ctl.run("vm", "delete", "kept").fails(4).err().contains("vmsnapshots=2"));
    ctl.run("snapshot", "create", "kept", "--name=late", "--wait", "--wait-timeout=300ms").fails(3);
    ctl.run("delete", "vmsnapshots", "--all").succeeds();
    ctl.run("vm", "delete", "kept").succeeds();
  }

  @Test
  void vmList_filters() {
    create("listed", "--pool", "far").succeeds();
    assertTrue(ctl.run("vm", "list", "--pool", "far").succeeds().out().contains("listed"));
    assertEquals("", ctl.run("vm", "list", "--pool", "near").succeeds().out());
    assertEquals(
        "vm/listed\n", ctl.run("vm", "list", "--pool", "far", "-o", "name").succeeds().out());
    ctl.run("vm", "list", "-o", "xml").fails(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"start", "stop", "poweroff", "pause", "resume"})
  void vmAction_unboundMachine_endsAtOnce(String action) {
    create("acted-" + action).succeeds();
    Ctl.Result result = ctl.run("vm", action, "acted-" + action);
    assertTrue(result.succeeds().out().startsWith(action + " task="), result::toString);
    ctl.run("vm", action, "nobody").fails(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reboot", "reset"})
  void vmAction_thatNeedsANode_conflicts(String action) {
    create("unbound-" + action).succeeds();
    Ctl.Result result = ctl.run("vm", action, "unbound-" + action).fails(4);
    assertTrue(result.err().contains("it is on no node yet"), result.err());
  }

  @Test
  void vmDelete_waits() {
    create("deleted").succeeds();
    assertEquals("deleted VM/deleted\n", ctl.run("vm", "delete", "deleted").succeeds().out());
    ctl.run("vm", "delete", "deleted").fails(5);
    ctl.run("vm", "delete").fails(2);
  }

  @Test
  void explainPlacement_tellsWhy() {
    create("explained", "--node", "nowhere").succeeds();
    ctl.run("wait", "vm/explained", "--for=condition=Scheduled=False").succeeds();
    String text = ctl.run("vm", "explain-placement", "explained").succeeds().out();
    assertTrue(text.contains("reason: PoolNotFound\n"), text);
    ctl.run("vm", "explain-placement", "nobody").fails(5);
    ctl.run("vm", "explain-placement").fails(2);
  }

  @Test
  void node_cordonAndDelete() {
    node("n1");
    assertEquals("cordon Node/n1\n", ctl.run("node", "cordon", "n1").succeeds().out());
    assertEquals("true", ctl.run("node", "get", "n1", "-o", "jsonpath={.spec.cordoned}").out());
    ctl.run("node", "uncordon", "n1").succeeds();
    assertTrue(ctl.run("node", "list").succeeds().out().contains("n1"));
    ctl.run("node", "readmit", "n1").succeeds();
    Ctl.Result drain = ctl.run("node", "drain", "n1", "--timeout=1m").fails(4);
    assertTrue(drain.err().contains("it is pending, not ready"), drain.err());
    assertEquals("deleted Node/n1\n", ctl.run("node", "delete", "n1").succeeds().out());
    node("n2");
    ctl.run("node", "delete", "n2", "--force").succeeds();
    ctl.run("node", "delete", "n2").fails(5);
  }

  @Test
  void joinToken_isShownOnce() {
    String made =
        ctl.run("node", "join-token", "create", "--ttl=10m", "--node-name=n9").succeeds().out();
    assertTrue(made.contains("\ntoken: otx_join_"), made);
    assertTrue(made.contains("\nca_fingerprint: sha256:" + server.authorityFingerprint()), made);
    String name = made.lines().findFirst().orElseThrow().substring("id: ".length());
    assertTrue(ctl.run("node", "join-token", "list").succeeds().out().contains(name));
    ctl.run("node", "join-token", "revoke", name).succeeds();
    ctl.run("node", "join-token", "create", "--ttl=1s").fails(1);
    ctl.run("node", "join-token", "create", "--ttl=soon").fails(2);
  }

  @Test
  void poolAndNetwork_createListGetDelete() {
    node("p1");
    assertEquals(
        "created pool=fast\n",
        ctl.run("pool", "create", "fast", "--node=p1", "--path=/var/lib/otherix/pools/fast")
            .succeeds()
            .out());
    assertTrue(ctl.run("pool", "list", "--node", "p1").succeeds().out().contains("fast"));
    assertTrue(ctl.run("pool", "scan", "fast").succeeds().out().startsWith("scan task="));
    ctl.run("pool", "scan", "slow").fails(5);
    ctl.run("pool", "create", "bad", "--node=p1", "--path=relative").fails(1);
    ctl.run("pool", "delete", "fast").succeeds();
    assertEquals(
        "created network=lab\n",
        ctl.run("network", "create", "lab", "--type=overlay", "--subnet=10.90.0.0/24", "--dhcp")
            .succeeds()
            .out());
    ctl.run("network", "create", "bad", "--type=overlay").fails(1);
    assertTrue(ctl.run("network", "get", "lab").succeeds().out().contains("10.90.0.0/24"));
    assertTrue(ctl.run("network", "list", "--type=overlay").succeeds().out().contains("lab"));
    ctl.run("network", "delete", "lab").succeeds();
  }

  @Test
  void task_listGetCancel() {
    create("tasked").succeeds();
    String line = ctl.run("vm", "stop", "tasked").succeeds().out();
    String name = line.replaceAll(".*task=(\\S+) .*\\n", "$1");
    assertTrue(ctl.run("task", "list").succeeds().out().contains(name));
    assertTrue(ctl.run("task", "get", name, "-o", "yaml").succeeds().out().contains("vm.stop"));
    assertTrue(ctl.run("task", "cancel", name).succeeds().out().startsWith("cancel task=" + name));
    ctl.run("task", "cancel", "nothing").fails(5);
    assertTrue(
        ctl.run("vm", "start", "tasked", "--wait", "-o", "json").succeeds().out().contains("Task"));
  }

  @Test
  void users_andTheirTokens() {
    assertEquals(
        "created user=ada role=operator\n",
        ctl.fed(
                "correct horse battery\n",
                "user",
                "create",
                "ada",
                "--role=operator",
                "--password-stdin")
            .succeeds()
            .out());
    ctl.run("user", "create", "bob", "--role=operator").fails(2);
    assertEquals(
        "password set user=ada\n",
        ctl.fed("another long phrase\n", "user", "set-password", "ada", "--password-stdin")
            .succeeds()
            .out());
    assertTrue(ctl.run("user", "list", "--role=operator").succeeds().out().contains("ada"));
    Ctl.Result token =
        ctl.run("api-token", "create", "backup", "--user=ada", "--ttl=1h").succeeds();
    assertTrue(token.out().startsWith("otx_"), token.out());
    assertTrue(ctl.run("api-token", "list", "--user=ada").succeeds().out().contains("backup"));
    assertEquals(
        "revoked api-token=backup\n", ctl.run("api-token", "revoke", "backup").succeeds().out());
    ctl.run("api-token", "delete", "backup").succeeds();
    ctl.run("user", "delete", "ada").succeeds();
  }

  @Test
  void clusterSettings_areSetAndRemoved() {
    assertEquals("defaultPool=fast\n", ctl.run("cluster", "default-pool", "fast").succeeds().out());
    assertTrue(ctl.run("cluster", "settings").succeeds().out().contains("fast"));
    assertEquals("defaultPool=<unset>\n", ctl.run("cluster", "default-pool").succeeds().out());
    assertEquals(
        "defaultNetwork=lan\n", ctl.run("cluster", "default-network", "lan").succeeds().out());
  }
}
