package dev.otherix.apiserver.storage;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Looks for an order of the operations on a key that respects real time and explains every answer:
/// the search of Wing and Gong with the memory of Lowe. Keys are independent of each other, and so
/// are searched one by one. An operation without an answer may have happened at any time after it
/// was asked, or never.
final class Linearizability {
  private static final int CONFIGURATIONS_MAX = 5_000_000;

  private Linearizability() {}

  /// @param revision 0 when the key has no entry
  /// @param highest of any write of the key so far, in known answers
  private record Register(long revision, @Nullable String value, long highest) {
    static final Register EMPTY = new Register(0, null, 0);
  }

  /// A write whose revision nobody heard has this one until a read tells it.
  private static final long UNHEARD = -1;

  private record Configuration(BitSet done, Register register) {}

  /// @return the first key whose operations no order explains, with them
  static Optional<String> violation(List<Operation> operations) {
    Map<String, List<Operation>> byKey = new HashMap<>();
    for (Operation each : operations) {
      byKey.computeIfAbsent(each.key(), _ -> new ArrayList<>()).add(each);
    }
    for (Map.Entry<String, List<Operation>> each : byKey.entrySet()) {
      List<Operation> sorted = new ArrayList<>(each.getValue());
      sorted.sort((a, b) -> Long.compare(a.asked(), b.asked()));
      if (!new Search(sorted).explains()) {
        StringBuilder text = new StringBuilder("no order explains " + each.getKey() + ":");
        sorted.forEach(operation -> text.append("\n  ").append(operation));
        return Optional.of(text.toString());
      }
    }
    return Optional.empty();
  }

  private static final class Search {
    private final List<Operation> operations;
    private final int answered;
    private final Set<Configuration> seen = new HashSet<>();

    Search(List<Operation> operations) {
      this.operations = operations;
      this.answered = (int) operations.stream().filter(each -> each.answer() != null).count();
    }

    boolean explains() {
      return explains(new BitSet(), 0, Register.EMPTY);
    }

    /// @param explained how many of `done` have answers
    private boolean explains(BitSet done, int explained, Register register) {
      if (explained == answered) {
        return true;
      }
      if (!seen.add(new Configuration((BitSet) done.clone(), register))) {
        return false;
      }
      if (seen.size() > CONFIGURATIONS_MAX) {
        throw new IllegalStateException("too many orders to look at; make the history shorter");
      }
      // Whatever was answered must come before what was asked later.
      long firstAnswer = Long.MAX_VALUE;
      for (int i = done.nextClearBit(0); i < operations.size(); i = done.nextClearBit(i + 1)) {
        Operation next = operations.get(i);
        if (next.asked() > firstAnswer) {
          break;
        }
        firstAnswer = Math.min(firstAnswer, next.answered());
        Register after = apply(next, register);
        if (after != null) {
          done.set(i);
          if (explains(done, explained + (next.answer() == null ? 0 : 1), after)) {
            return true;
          }
          done.clear(i);
        }
      }
      return false;
    }
  }

  /// The register after the operation, or null when it cannot be next.
  private static @Nullable Register apply(Operation operation, Register register) {
    Operation.Answer answer = operation.answer();
    if (answer == null) {
      return unheard(operation, register);
    }
    if (!answer.written()) {
      return refused(operation, answer, register);
    }
    if (answer.revision() <= Math.max(register.highest, operation.expected())) {
      return null;
    }
    boolean allowed =
        switch (operation.kind()) {
          case GET -> false;
          case CREATE -> register.revision == 0;
          case UPDATE, DELETE -> matches(register, operation.expected());
        };
    return allowed ? wrote(operation, answer.revision(), answer.revision()) : null;
  }

  private static Register wrote(Operation operation, long revision, long highest) {
    return operation.kind() == Operation.Kind.DELETE
        ? new Register(0, null, highest)
        : new Register(revision, operation.value(), highest);
  }

  /// A write that happened though nobody heard. That it did not happen is the order without it.
  private static @Nullable Register unheard(Operation operation, Register register) {
    return switch (operation.kind()) {
      case GET -> null;
      case CREATE -> register.revision == 0 ? wrote(operation, UNHEARD, register.highest) : null;
      case UPDATE, DELETE ->
          matches(register, operation.expected())
              ? wrote(operation, UNHEARD, register.highest)
              : null;
    };
  }

  /// A get, or a write that was not done.
  private static @Nullable Register refused(
      Operation operation, Operation.Answer answer, Register register) {
    return switch (operation.kind()) {
      case GET -> Objects.equals(register.value, operation.value()) ? seen(answer, register) : null;
      case CREATE -> answer.revision() != 0 ? seen(answer, register) : null;
      case UPDATE, DELETE ->
          answer.revision() == 0 || answer.revision() != operation.expected()
              ? seen(answer, register)
              : null;
    };
  }

  /// What was seen is what is there; an unheard revision becomes known by it.
  private static @Nullable Register seen(Operation.Answer answer, Register register) {
    long revision = answer.revision();
    if (register.revision == UNHEARD) {
      return revision > register.highest ? new Register(revision, register.value, revision) : null;
    }
    return register.revision == revision ? register : null;
  }

  private static boolean matches(Register register, long expected) {
    return register.revision == UNHEARD
        ? expected > register.highest
        : register.revision == expected && expected != 0;
  }
}
