package dev.otherix.controllers.cluster;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.schemas.v1.VM;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a write to one object must respect because of others, or of what it was before: nothing is
/// deleted that is in use, and a machine is bound once. Asked before every write of the API's
/// kinds.
public final class ClusterRules {
  private static final long GIBIBYTE = 1024L * 1024 * 1024;

  /// On a node: it may go although machines are bound to it, which become orphans.
  public static final String FORCE = "otherix/force-removal";

  /// On a machine that was made anew: the node that had it before.
  public static final String RECOVERED_FROM = "otherix/recovered-from";

  /// By how much a machine is looked for elsewhere later than its node stops it: for clocks that
  /// run at different speeds, and for the moment that stopping takes.
  public static final Duration FENCE_MARGIN = Duration.ofSeconds(30);

  private static final int PAGE = 500;

  private final ResourceClient vms;
  private final ResourceClient settings;
  private final ResourceClient snapshots;

  public ClusterRules(ApiClient client) {
    this.vms = client.resource(OtherixResources.VMS);
    this.settings = client.resource(OtherixResources.SETTINGS);
    this.snapshots = client.resource(OtherixResources.SNAPSHOTS);
  }

  /// @param old what is there; null for a create
  /// @param now what is to be there; null for a delete
  /// @param isControlPlane whether the writer may bind machines
  /// @throws ApiException to refuse it
  public void check(
      String kind,
      String name,
      @Nullable ObjectNode old,
      @Nullable ObjectNode now,
      boolean isControlPlane)
      throws InterruptedException {
    if (now == null) {
      if (old != null && !old.path("metadata").has("deletionTimestamp")) {
        deletion(kind, name, old);
      }
      return;
    }
    switch (kind) {
      case "VM" -> machine(name, old, now, isControlPlane);
      case "VMSnapshot" -> snapshot(name, old, now, isControlPlane);
      case "StoragePool" -> pool(name, old, now);
      case "ClusterSettings" -> settings(name, now);
      default -> {}
    }
  }

  /// Nodes must have stopped their machines before these are looked for elsewhere.
  private static void settings(String name, ObjectNode now) {
    long gone = now.at("/spec/nodes/goneAfterSeconds").asLong();
    long fence = now.at("/spec/nodes/selfFenceAfterSeconds").asLong();
    if (gone < fence + FENCE_MARGIN.toSeconds()) {
      throw invalid(
          "ClusterSettings",
          name,
          FieldError.invalid(
              FieldPath.ROOT.at("spec").at("nodes").at("selfFenceAfterSeconds"),
              now.at("/spec/nodes/selfFenceAfterSeconds"),
              "it must be at least "
                  + FENCE_MARGIN.toSeconds()
                  + " less than goneAfterSeconds ("
                  + gone
                  + "), so that a node has stopped its machines before they start elsewhere"));
    }
  }

  private void deletion(String kind, String name, ObjectNode old) throws InterruptedException {
    switch (kind) {
      case "VM" ->
          refuseSnapshots(
              "vms",
              name,
              ListOptions.ALL.withSelectors("", "spec.vmName=" + name),
              "/spec/vmUID",
              old.at("/metadata/uid").asString(""),
              "");
      case "Network" -> {
        Settings present = present();
        refuse("networks", name, count(vm -> present.networksOf(vm).contains(name)), "");
      }
      case "StoragePool" -> {
        Settings present = present();
        refuse("storagepools", name, count(vm -> present.poolOf(vm).equals(name)), "");
        refuseSnapshots("storagepools", name, ListOptions.ALL, "/status/pool", name, "");
      }
      case "Node" -> {
        boolean forced =
            old.path("metadata").path("annotations").path(FORCE).asString("").equals("true");
        if (!forced) {
          refuse(
              "nodes",
              name,
              count(vm -> name.equals(vm.spec().nodeName())),
              ", or set the annotation " + FORCE + "=true to orphan them");
          refuseSnapshots(
              "nodes",
              name,
              ListOptions.ALL.withSelectors("", "spec.nodeName=" + name),
              "/spec/nodeName",
              name,
              ", or set the annotation " + FORCE + "=true to lose them");
        }
      }
      default -> {}
    }
  }

  private static void refuse(String resource, String name, Used used, String remedy) {
    if (used.machines() > 0) {
      throw ApiException.conflict(
          OtherixResources.GROUP,
          resource,
          name,
          "it is in use: vms="
              + used.machines()
              + " (such as "
              + used.example()
              + "); delete them first"
              + remedy);
    }
  }

  /// Refuses to delete what snapshots need.
  ///
  /// @param path where those have `value`; one that has nothing there counts too
  private void refuseSnapshots(
      String resource, String name, ListOptions which, String path, String value, String remedy)
      throws InterruptedException {
    AtomicInteger count = new AtomicInteger();
    StringBuilder example = new StringBuilder();
    snapshots.forEach(
        which.withLimit(PAGE),
        each -> {
          boolean counts = !which.fieldSelector().isEmpty() && each.at(path).isMissingNode();
          if (counts || each.at(path).asString("").equals(value)) {
            if (count.incrementAndGet() == 1) {
              example.append(each.at("/metadata/name").asString(""));
            }
          }
        });
    if (count.get() > 0) {
      throw ApiException.conflict(
          OtherixResources.GROUP,
          resource,
          name,
          "it is in use: vmsnapshots="
              + count
              + " (such as "
              + example
              + "); delete them first"
              + remedy);
    }
  }

  private record Used(int machines, String example) {}

  private Used count(Predicate<VM> uses) throws InterruptedException {
    AtomicInteger count = new AtomicInteger();
    StringBuilder example = new StringBuilder();
    vms.forEach(
        ListOptions.ALL.withLimit(PAGE),
        each -> {
          VM vm = Records.read(each, VM.class);
          if (uses.test(vm) && count.incrementAndGet() == 1) {
            example.append(vm.metadata().name());
          }
        });
    return new Used(count.get(), example.toString());
  }

  private Settings present() throws InterruptedException {
    Optional<ObjectNode> found = settings.find(new ObjectKey("", "cluster"));
    return found.map(Settings::of).orElse(Settings.DEFAULT);
  }

  private static void machine(
      String name, @Nullable ObjectNode old, ObjectNode now, boolean isControlPlane) {
    FieldPath spec = FieldPath.ROOT.at("spec");
    String before = old == null ? "" : old.at("/spec/nodeName").asString("");
    String after = now.at("/spec/nodeName").asString("");
    boolean binds = before.isEmpty() && !after.isEmpty();
    boolean recovers = recovers(old, now);
    boolean allowed = old != null && isControlPlane && (binds || recovers);
    if (!before.equals(after) && !allowed) {
      throw invalid(
          "VM",
          name,
          FieldError.forbidden(
              spec.at("nodeName"),
              "the scheduler writes it, once; set spec.node to ask for a node"));
    }
    if (!recovers && incarnation(old) != incarnation(now)) {
      throw invalid(
          "VM",
          name,
          FieldError.forbidden(spec.at("incarnation"), "it counts recoveries; leave it as it is"));
    }
    long size = now.at("/spec/diskGiB").asLong(0);
    if (old != null && size < old.at("/spec/diskGiB").asLong(0)) {
      throw invalid(
          "VM",
          name,
          FieldError.forbidden(
              spec.at("diskGiB"),
              "a disk may grow, never shrink; it has " + old.at("/spec/diskGiB").asLong()));
    }
    dataDisks(name, old, now);
    interfaces(name, old, now);
    long made = old == null ? 0 : old.at("/status/diskSizeBytes").asLong(0);
    if (size > 0 && size * GIBIBYTE < made) {
      throw invalid(
          "VM",
          name,
          FieldError.forbidden(
              spec.at("diskGiB"),
              "a disk may grow, never shrink; with its image it has " + made + " bytes"));
    }
  }

  private static void dataDisks(String name, @Nullable ObjectNode old, ObjectNode now) {
    if (old == null) {
      return;
    }
    for (JsonNode before : old.at("/spec/disks")) {
      long has = before.path("sizeGiB").asLong(0);
      for (JsonNode after : now.at("/spec/disks")) {
        if (after.path("name").equals(before.path("name"))
            && after.path("sizeGiB").asLong(0) < has) {
          throw invalid(
              "VM",
              name,
              FieldError.forbidden(
                  FieldPath.ROOT.at("spec").at("disks"),
                  "a disk may grow, never shrink; "
                      + before.path("name").asString("")
                      + " has "
                      + has
                      + " GiB"));
        }
      }
    }
  }

  /// Ports are known by their place in the list.
  private static void interfaces(String name, @Nullable ObjectNode old, ObjectNode now) {
    if (old == null) {
      return;
    }
    JsonNode before = old.at("/spec/nics");
    JsonNode after = now.at("/spec/nics");
    int shared = Math.min(before.size(), after.size());
    boolean same = before.isEmpty() == after.isEmpty();
    for (int i = 0; i < shared && same; i++) {
      same = Json.equal(before.get(i), after.get(i));
    }
    if (!same) {
      throw invalid(
          "VM",
          name,
          FieldError.forbidden(
              FieldPath.ROOT.at("spec").at("nics"),
              "interfaces may be added at the end of the list and taken from there; those before"
                  + " stay as they are"));
    }
  }

  private static void snapshot(
      String name, @Nullable ObjectNode old, ObjectNode now, boolean isControlPlane) {
    for (String field : List.of("nodeName", "vmUID")) {
      String before = old == null ? "" : old.at("/spec/" + field).asString("");
      String after = now.at("/spec/" + field).asString("");
      boolean allowed = old != null && isControlPlane && before.isEmpty();
      if (!before.equals(after) && !allowed) {
        throw invalid(
            "VMSnapshot",
            name,
            FieldError.forbidden(
                FieldPath.ROOT.at("spec").at(field),
                "the control plane writes it, once; leave it out"));
      }
    }
  }

  /// Whether the machine leaves its node for good, counted and with a record of where it was.
  private static boolean recovers(@Nullable ObjectNode old, ObjectNode now) {
    return old != null
        && old.path("spec").has("nodeName")
        && !now.path("spec").has("nodeName")
        && incarnation(now) == incarnation(old) + 1
        && now.path("metadata")
            .path("annotations")
            .path(RECOVERED_FROM)
            .equals(old.path("spec").path("nodeName"));
  }

  private static long incarnation(@Nullable ObjectNode vm) {
    return vm == null ? 0 : vm.path("spec").path("incarnation").asLong(0);
  }

  private void pool(String name, @Nullable ObjectNode old, ObjectNode now)
      throws InterruptedException {
    if (old != null) {
      return;
    }
    JsonNode path = now.at("/spec/path");
    List<String> allowed = present().spec().allowedPoolPaths();
    for (String each : allowed) {
      String prefix = each.endsWith("/") ? each : each + "/";
      if (path.asString("").equals(each) || path.asString("").startsWith(prefix)) {
        return;
      }
    }
    throw invalid(
        "StoragePool",
        name,
        FieldError.forbidden(
            FieldPath.ROOT.at("spec").at("path"),
            "it must lie under one of ClusterSettings.spec.allowedPoolPaths: "
                + String.join(", ", allowed)));
  }

  private static ApiException invalid(String kind, String name, FieldError error) {
    return ApiException.invalid(OtherixResources.GROUP, kind, name, List.of(error));
  }
}
