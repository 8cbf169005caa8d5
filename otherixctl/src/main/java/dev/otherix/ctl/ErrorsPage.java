package dev.otherix.ctl;

import dev.otherix.agent.images.ImageException;
import dev.otherix.apimachinery.status.CauseReason;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.scheduler.RejectionReason;

/// The page of errors: each reason that the code knows, with what it means and what to do. A new
/// one does not compile without.
final class ErrorsPage {
  private ErrorsPage() {}

  /// @param meaning what happened
  /// @param remedy what whoever sees it can do
  private record Advice(String meaning, String remedy) {}

  static String text() {
    StringBuilder out = new StringBuilder("# Errors, and what to do\n\n");
    out.append("Generated from the code by `hack/generate-docs`. Do not edit. Messages are more\n");
    out.append("precise than this page: they name the field or the thing, and the remedy.\n\n");
    out.append("## Refusals of the server\n\n");
    out.append("`reason` of the Status that a request is answered with; `otherixctl` prints it\n");
    out.append("as `api_error: REASON:`, with an [exit code](cli-exit-codes.md).\n\n");
    out.append("| reason | code | meaning | what to do |\n|---|---|---|---|\n");
    for (StatusReason each : StatusReason.values()) {
      row(out, "`" + each.wireName() + "` | " + each.code(), of(each));
    }
    out.append("\n## Causes\n\n");
    out.append("`details.causes[].reason`, one for each field, with its path in `field`.\n\n");
    out.append("| reason | meaning | what to do |\n|---|---|---|\n");
    for (CauseReason each : CauseReason.values()) {
      row(out, "`" + each.wireName() + "`", of(each));
    }
    out.append("\n## Why no node takes a machine\n\n");
    out.append(
        "Reasons of the condition `Scheduled`, and of `vm explain-placement`; the last in\n");
    out.append("this order is that of the node which came nearest.\n\n");
    out.append("| reason | meaning | what to do |\n|---|---|---|\n");
    for (RejectionReason each : RejectionReason.values()) {
      row(out, "`" + each.word() + "`", of(each));
    }
    out.append("\n## Why an image or a disk cannot be had\n\n");
    out.append("Reasons of the condition `ImageReady`.\n\n");
    out.append("| reason | meaning | what to do |\n|---|---|---|\n");
    for (ImageException.Reason each : ImageException.Reason.values()) {
      row(out, "`" + each.word() + "`", of(each));
    }
    out.append("\nThe other reasons of conditions: [conditions](conditions.md).\n");
    return out.toString();
  }

  private static void row(StringBuilder out, String first, Advice advice) {
    out.append("| ").append(first).append(" | ").append(advice.meaning()).append(" | ");
    out.append(advice.remedy()).append(" |\n");
  }

  private static Advice of(StatusReason reason) {
    return switch (reason) {
      case BAD_REQUEST ->
          new Advice("the request cannot be understood", "correct what the message names");
      case UNAUTHORIZED ->
          new Advice(
              "nobody is known by these credentials, or they have ended",
              "log in again; make another token");
      case FORBIDDEN ->
          new Advice(
              "you are known, and may not do this",
              "`otherixctl auth can-i --list`; ask for a role (rbac.md)");
      case NOT_FOUND ->
          new Advice(
              "there is no such object or path, or it is not yours to see",
              "look at the name, the namespace and the kind");
      case METHOD_NOT_ALLOWED ->
          new Advice("what stands there does not take this method", "use one that it takes");
      case NOT_ACCEPTABLE ->
          new Advice("the answer has none of the forms in `Accept`", "ask for application/json");
      case ALREADY_EXISTS ->
          new Advice("an object of this name is there", "apply instead of create; another name");
      case CONFLICT ->
          new Advice(
              "somebody else changed it meanwhile, or another manager has the field, or others use"
                  + " it, or its state does not allow the action",
              "read it again and decide again; the message says which");
      case EXPIRED ->
          new Advice(
              "the changes since this revision are no longer held",
              "list anew and watch from there");
      case GONE -> new Advice("as `Expired`, from other servers", "list anew");
      case REQUEST_ENTITY_TOO_LARGE ->
          new Advice("the body, or the object, is too large", "make it smaller; a part elsewhere");
      case UNSUPPORTED_MEDIA_TYPE ->
          new Advice(
              "the body's `Content-Type` is not one that this request takes",
              "send application/json, or the patch type that is meant");
      case INVALID ->
          new Advice(
              "fields break the kind's schema or a rule",
              "correct the fields in `details.causes`; `otherixctl validate`, `explain`");
      case TOO_MANY_REQUESTS ->
          new Advice(
              "others are served first, or a throttle of logins holds you",
              "come again after `Retry-After`; ask less often");
      case INTERNAL_ERROR ->
          new Advice(
              "a bug, or a webhook that failed",
              "the server's log tells more under the id; report it");
      case SERVER_TIMEOUT ->
          new Advice(
              "the write was sent to the store and its answer is lost: it may have happened",
              "look, then decide");
      case STORE_READ_ERROR ->
          new Advice("what is stored is damaged", "restore a backup; keep the damaged folder");
      case SERVICE_UNAVAILABLE ->
          new Advice(
              "the server, its store, or a node cannot answer now; nothing was done",
              "come again after `Retry-After`; `/readyz?verbose` says what it waits for");
      case TIMEOUT ->
          new Advice("it was not done in time", "look whether it was done after all; try again");
      case INSUFFICIENT_STORAGE ->
          new Advice(
              "the store has no space left for writes; reads go on",
              "make room on its disk, or raise `etcd.quota_bytes`");
    };
  }

  private static Advice of(CauseReason reason) {
    return switch (reason) {
      case FIELD_VALUE_NOT_FOUND ->
          new Advice("it names something that is not there", "make that first; correct the name");
      case FIELD_VALUE_REQUIRED -> new Advice("the field is missing", "give it");
      case FIELD_VALUE_DUPLICATE -> new Advice("it stands in the list twice", "leave one");
      case FIELD_VALUE_INVALID -> new Advice("the value breaks a rule", "the message has the rule");
      case FIELD_VALUE_NOT_SUPPORTED ->
          new Advice("it is none of the values that are possible", "take one of those named");
      case FIELD_VALUE_FORBIDDEN ->
          new Advice("the field may not be set, or not changed", "leave it out, or as it is");
      case FIELD_VALUE_TOO_LONG -> new Advice("the text is too long", "shorten it");
      case FIELD_VALUE_TOO_MANY -> new Advice("the list has too many items", "leave some out");
      case FIELD_VALUE_TYPE_INVALID ->
          new Advice("it is of another type: a text, say, for a number", "mind the quotes");
      case FIELD_MANAGER_CONFLICT ->
          new Advice(
              "another manager has set the field to another value",
              "leave it to him, or take it over with `--force-conflicts`");
      case RESOURCE_VERSION_TOO_LARGE ->
          new Advice("this server has not come as far as that revision", "try again in a moment");
      case NAMESPACE_TERMINATING ->
          new Advice("the namespace is being deleted", "wait until it is gone");
      case UNEXPECTED_SERVER_RESPONSE ->
          new Advice("something in between gave the answer", "look at proxies");
      case INTERNAL_ERROR -> new Advice("a bug", "report it");
    };
  }

  private static Advice of(RejectionReason reason) {
    return switch (reason) {
      case OTHER_NODE_ASKED -> new Advice("`spec.node` names another node", "leave it out");
      case SNAPSHOT_ELSEWHERE ->
          new Advice("its snapshot is on another node", "a machine made of it must go there");
      case NO_HYPERVISOR ->
          new Advice("the node runs no machines (`spec.roles`)", "use others, or give it the role");
      case NODE_NOT_READY ->
          new Advice("it does not report", "start its agent; see its conditions");
      case CORDONED ->
          new Advice("it takes no new machines", "`otherixctl node uncordon` when that is over");
      case ARCHITECTURE ->
          new Advice("its processor is of the other architecture", "correct `spec.arch`");
      case FEATURE ->
          new Advice(
              "it lacks firmware, Secure Boot or a TPM",
              "install it there (`otherix-agent doctor`), or do without");
      case NODE_SELECTOR ->
          new Advice(
              "its labels are not those of `spec.nodeSelector`", "label it, or ask for less");
      case TAINT -> new Advice("it has a taint", "tolerate it, or remove it");
      case POOL_NOT_ON_NODE ->
          new Advice("the machine's pool is not there", "another pool, or add the node to it");
      case POOL_NOT_READY ->
          new Advice(
              "the pool's folder cannot be used there", "`describe` the pool for the reason");
      case MEMORY_PRESSURE, SYSTEM_DISK_PRESSURE ->
          new Advice("less than a tenth is free on the node", "make room there");
      case POOL_PRESSURE ->
          new Advice("less than 15 % of the pool is free there", "make room, or another pool");
      case NETWORK_NOT_READY ->
          new Advice("the network cannot be made there", "`describe` the network for the reason");
      case AFFINITY -> new Advice("machines that it must be near are elsewhere", "ask for less");
      case ANTI_AFFINITY ->
          new Advice("a machine is there that it must be away from", "more nodes, or ask for less");
      case SPREAD ->
          new Advice("it would make the spread too uneven", "more nodes, or ask for less");
      case CPU, MEMORY ->
          new Advice(
              "too little is left that was not promised",
              "smaller machines, more nodes, or overcommit in ClusterSettings");
      case DISK ->
          new Advice("the pool has too little that was not promised", "a smaller disk, more space");
    };
  }

  private static Advice of(ImageException.Reason reason) {
    return switch (reason) {
      case UNAVAILABLE ->
          new Advice(
              "the source does not give it", "try the address on the node; it is tried again");
      case FORBIDDEN ->
          new Advice(
              "nodes may not fetch from there, or have no such folder of images",
              "`--image-host` or `--image-folder` of the agent");
      case CHECKSUM_MISMATCH ->
          new Advice("what came is not what `imageSHA256` says", "ask the source for its checksum");
      case INVALID ->
          new Advice(
              "it is no image, is damaged, or leans on another file",
              "`qemu-img convert` makes a plain one");
      case TOO_LARGE -> new Advice("it is larger than agents take", "a smaller one");
      case DISK_TOO_SMALL ->
          new Advice("`diskGiB` is less than the image's own size", "raise it, or leave it out");
      case NO_SPACE -> new Advice("the node could not write it", "make room; see the message");
    };
  }
}
