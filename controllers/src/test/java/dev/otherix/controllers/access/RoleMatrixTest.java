package dev.otherix.controllers.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apiserver.auth.Authorizer;
import dev.otherix.apiserver.auth.Authorizer.Decision;
import dev.otherix.apiserver.auth.BasicAuthorizer;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.auth.Permission;
import dev.otherix.apiserver.registry.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// Every role x every verb x every kind and action x one's own and somebody else's object.
@Tag("slow")
final class RoleMatrixTest {
  private static final String ME = "me-myself";
  private static final String OTHER = "somebody";
  private static final List<String> VERBS =
      List.of("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection");
  private static final Set<String> UNNAMED = Set.of("list", "watch", "deletecollection");

  private record Spec(String kind, String plural, String text) {}

  private static final List<Spec> SPECS =
      List.of(
          new Spec("User", "users", "{\"role\": \"viewer\"}"),
          new Spec("VM", "vms", "{\"imageURL\": \"https://i.example/a\", \"arch\": \"amd64\"}"),
          new Spec(
              "Task",
              "tasks",
              "{\"type\": \"vm.reboot\", \"resource\": {\"kind\": \"VM\", \"name\": \"a\"},"
                  + " \"createdBy\": \"%s\"}"),
          new Spec(
              "SecurityRule", "securityrules", "{\"vmName\": \"a\", \"direction\": \"ingress\"}"),
          new Spec("VMSnapshot", "vmsnapshots", "{\"vmName\": \"a\"}"),
          new Spec("APIToken", "apitokens", "{\"user\": \"%s\", \"displayName\": \"t\"}"));

  @TempDir Path folder;

  @Test
  void everyCell_isAsTheTableSays() throws Exception {
    Map<String, String> expected = table();
    Set<String> used = new LinkedHashSet<>();
    List<String> wrong = new ArrayList<>();
    try (AccessScene scene = new AccessScene(folder)) {
      makeObjects(scene);
      Resources resources = scene.server().resources();
      Authorizer basic = new BasicAuthorizer();
      Authorizer authorizer =
          new AccessAuthorizer(
              new NodePermissions(resources, basic), new RolePermissions(resources, basic), basic);
      int cells = 0;
      for (Kind kind : resources.kinds()) {
        List<String> below = new ArrayList<>(List.of("", "status"));
        below.addAll(kind.header().subresources().actions());
        below.addAll(kind.header().subresources().streams());
        for (String subresource : below) {
          for (String verb : VERBS) {
            String what =
                kind.plural() + (subresource.isEmpty() ? "" : "/" + subresource) + " " + verb;
            for (Role role : Role.values()) {
              String line = what + " " + role.wireName();
              String fallback = role == Role.ADMIN ? "any" : "-";
              boolean known =
                  kind.group().equals("otherix")
                      || (kind.plural().equals("namespaces") || kind.plural().equals("events"));
              String want = known ? expected.getOrDefault(line, fallback) : fallback;
              used.add(line);
              String got = cell(authorizer, role, kind, verb, subresource);
              cells += 2;
              if (!got.equals(want)) {
                wrong.add(line + ": expected " + want + ", got " + got);
              }
            }
          }
        }
      }
      assertTrue(cells > 1500, "cells " + cells);
    }
    assertEquals(List.of(), wrong);
    assertEquals(
        List.of(), expected.keySet().stream().filter(each -> !used.contains(each)).toList());
  }

  private static String cell(
      Authorizer authorizer, Role role, Kind kind, String verb, String subresource) {
    Caller caller = Caller.of(ME, List.of(role.group(), Caller.AUTHENTICATED));
    boolean unnamed = UNNAMED.contains(verb) || (verb.equals("create") && subresource.isEmpty());
    if (unnamed) {
      Decision decision = authorizer.decide(caller, permission(kind, verb, subresource, ""));
      return !decision.allowed()
          ? "-"
          : !decision.within().isEverything()
              ? "narrow"
              : decision.reason().isEmpty() ? "any" : "own";
    }
    Decision mine =
        authorizer.decide(caller, permission(kind, verb, subresource, nameOf(kind, ME)));
    Decision theirs =
        authorizer.decide(caller, permission(kind, verb, subresource, nameOf(kind, OTHER)));
    if (mine.allowed()) {
      return theirs.allowed() ? "any" : theirs.hidden() ? "own" : "own, not hidden";
    }
    return theirs.allowed() || mine.hidden() || theirs.hidden() ? "odd" : "-";
  }

  private static Permission permission(Kind kind, String verb, String subresource, String name) {
    return new Permission(
        verb, kind.group(), kind.version(), kind.plural(), subresource, "", name, "");
  }

  private static String nameOf(Kind kind, String owner) {
    return kind.plural().equals("users") ? owner : "of-" + owner;
  }

  private static void makeObjects(AccessScene scene) throws InterruptedException {
    for (String owner : List.of(ME, OTHER)) {
      for (Spec each : SPECS) {
        String name = each.kind.equals("User") ? owner : "of-" + owner;
        ObjectNode object = AccessScene.object(each.kind, name, each.text.formatted(owner));
        object.withObjectProperty("metadata").putObject("annotations").put(Owner.ANNOTATION, owner);
        AccessScene.of(scene.admin(), each.plural).create(object);
        scene.awaitCached(each.plural, name);
      }
    }
  }

  private static Map<String, String> table() throws IOException {
    Map<String, String> cells = new HashMap<>();
    for (String line : Files.readAllLines(Path.of("src/test/resources/rbac-matrix.txt"))) {
      if (line.startsWith("#") || line.isBlank()) {
        continue;
      }
      String[] parts = line.split("\\s+");
      for (String verb : parts[1].split(",")) {
        int column = 2;
        for (Role role : Role.values()) {
          cells.put(parts[0] + " " + verb + " " + role.wireName(), parts[column++]);
        }
      }
    }
    return cells;
  }

  @Test
  void page_isCurrent() throws IOException {
    assertEquals(
        RbacPage.text(),
        Files.readString(Path.of("../docs/reference/rbac.md")),
        "run hack/build and hack/generate-docs");
  }
}
