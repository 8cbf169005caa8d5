package dev.otherix.ctl.replica;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/// What many clients saw of one counter that each of them counts up by compare-and-swap. Every
/// value is written at most once and is one above the former, so the values are the order of the
/// writes, and the history is linearizable exactly when no operation that ended before another one
/// began has a later value. Thread-safe.
final class CounterHistory {
  private final List<Operation> operations = new ArrayList<>();

  /// @param write whether it wrote the value, or read it
  record Operation(boolean write, long value, long began, long ended) {}

  synchronized void add(boolean write, long value, long began) {
    operations.add(new Operation(write, value, began, System.nanoTime()));
  }

  synchronized int size() {
    return operations.size();
  }

  /// What cannot have been; empty when all can.
  synchronized List<String> violations() {
    List<String> wrong = new ArrayList<>();
    List<Operation> byBegin = new ArrayList<>(operations);
    byBegin.sort(Comparator.comparingLong(Operation::began));
    PriorityQueue<Operation> open = new PriorityQueue<>(Comparator.comparingLong(Operation::ended));
    Set<Long> written = new HashSet<>();
    long known = -1;
    for (Operation each : byBegin) {
      while (!open.isEmpty() && open.element().ended < each.began) {
        known = Math.max(known, open.remove().value);
      }
      boolean stale = each.write ? each.value <= known : each.value < known;
      if (stale) {
        wrong.add(each + " began when " + known + " was there");
      }
      if (each.write && !written.add(each.value)) {
        wrong.add(each + " was written twice");
      }
      open.add(each);
    }
    return wrong;
  }
}
