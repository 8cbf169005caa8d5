package dev.otherix.ctl.top;

import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.util.Comparator;
import java.util.List;

/// A row, with what it can be sorted by.
///
/// @param processors promised, of a node as a share of its own
/// @param memory used, as a share
/// @param disk used, of a node as a share
record Usage(String name, double processors, double memory, double disk, List<String> cells) {
  static final String ORDERS = "name, cpu, memory or disk";

  /// The largest first; names from the first letter on.
  static Comparator<Usage> by(String order) {
    Comparator<Usage> byName = Comparator.comparing(Usage::name);
    return switch (order) {
      case "name" -> byName;
      case "cpu" -> Comparator.comparingDouble(Usage::processors).reversed().thenComparing(byName);
      case "memory" -> Comparator.comparingDouble(Usage::memory).reversed().thenComparing(byName);
      case "disk" -> Comparator.comparingDouble(Usage::disk).reversed().thenComparing(byName);
      default ->
          throw new CommandFailure(
              Exit.USAGE, "--sort-by does not know \"" + order + "\"; it takes " + ORDERS);
    };
  }
}
