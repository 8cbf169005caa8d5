package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.bytes;
import static dev.otherix.apiserver.storage.StorageCases.refused;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/// What is left of a store after its end.
interface CloseCases extends StorageCases {
  @TestFactory
  default List<DynamicTest> closed_everyMethod_isRefused() {
    long revision = create("/a/k", "1");
    Watch watch = store().watch("/a/", revision);
    store().close();
    Map<String, Executable> calls =
        Map.ofEntries(
            Map.entry("revision", () -> store().revision()),
            Map.entry("get", () -> get("/a/k")),
            Map.entry("get at a revision", () -> get("/a/k", revision)),
            Map.entry("list", () -> list("/a/")),
            Map.entry("create", () -> store().create("/a/x", bytes("1"), null)),
            Map.entry("update", () -> store().update("/a/k", bytes("1"), revision, null)),
            Map.entry("delete", () -> store().delete("/a/k", revision)),
            Map.entry("watch", () -> store().watch("/a/", revision)),
            Map.entry("next", () -> watch.next(TICK)),
            Map.entry("compact", () -> store().compact(revision)),
            Map.entry("compactedRevision", () -> store().compactedRevision()),
            Map.entry("stats", () -> store().stats("/a/")),
            Map.entry("backup", () -> store().backup(folder().resolve("backup"))));
    return calls.entrySet().stream()
        .map(each ->
            DynamicTest.dynamicTest(
                each.getKey(), () -> refused(StorageException.Reason.CLOSED, each.getValue())))
        .toList();
  }

  @Test
  default void close_twice_isOnce() {
    store().close();
    store().close();
  }

  @Test
  default void close_endsWaitingWatches() throws InterruptedException {
    Watch watch = store().watch("/a/", store().revision());
    CountDownLatch waiting = new CountDownLatch(1);
    together(
        List.of(
            () -> {
              waiting.countDown();
              refused(
                  StorageException.Reason.CLOSED,
                  () -> {
                    while (true) {
                      watch.next(patience());
                    }
                  });
              return true;
            },
            () -> {
              waiting.await();
              store().close();
              return true;
            }));
  }
}
