package dev.otherix.agent.network;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Keeps our tables of the packet filter as they should be. Of one thread.
final class Firewall {
  private static final List<Table> TABLES =
      List.of(
          new Table("bridge", Ruleset.TABLE),
          new Table("ip", Ruleset.TABLE),
          new Table("ip6", Ruleset.TABLE),
          new Table("bridge", Guards.TABLE));

  private record Table(String family, String name) {}

  private final Programs programs;
  private @Nullable Ruleset applied;

  /// After what was applied last; another one says that somebody changed some table.
  private int generation;

  /// How our tables were listed when somebody had changed some table and ours were good.
  private @Nullable String good;

  Firewall(Programs programs) {
    this.programs = programs;
  }

  /// Changes the tables when they are to change, or when somebody else changed them.
  void apply(Ruleset wanted) throws InterruptedException {
    Ruleset before = applied;
    int now = FilterGeneration.read();
    boolean alone = before != null && now == generation;
    if (before != null && before.same(wanted)) {
      if (alone) {
        return;
      }
      if (good != null && list().equals(good)) {
        generation = now;
        return;
      }
    }
    applied = null;
    good = null;
    change(before != null && alone ? before : null, wanted, now);
    // One more by this; if it is more by then, the next look finds a difference.
    generation = now + 1;
    if (!alone && FilterGeneration.read() == generation) {
      good = list();
    }
    applied = wanted;
  }

  /// @param before what the tables are like; null when that is not known
  private void change(@Nullable Ruleset before, Ruleset wanted, int now)
      throws InterruptedException {
    if (before == null) {
      programs.run(wanted.whole(), "nft", "-f", "-");
      return;
    }
    Optional<List<FilterMembers.Change>> members = wanted.membersSince(before);
    if (members.isPresent()) {
      FilterMembers.change(members.get(), now);
    } else {
      programs.run(wanted.since(before), "nft", "-f", "-");
    }
  }

  /// Changes what the kernel keeps in our tables by itself.
  void change(String text) throws InterruptedException {
    int now = FilterGeneration.read();
    programs.run(text, "nft", "-f", "-");
    generation = now == generation ? now + 1 : generation;
  }

  /// Removes the tables, if they are there.
  void remove() throws InterruptedException {
    if (programs.run("", "nft", "list", "tables").lines().anyMatch(Firewall::ours)) {
      programs.run(Ruleset.none(), "nft", "-f", "-");
    }
    applied = null;
    good = null;
  }

  private static boolean ours(String line) {
    return line.equals("table bridge " + Ruleset.TABLE)
        || line.equals("table bridge " + Guards.TABLE)
        || line.equals("table ip " + Ruleset.TABLE)
        || line.equals("table ip6 " + Ruleset.TABLE);
  }

  /// What the kernel itself puts into our tables is no change by somebody.
  private static String withoutFlows(String listed) {
    String kept = listed;
    for (String each : Guards.FLOWS) {
      int start = kept.indexOf(each);
      int end = start < 0 ? -1 : kept.indexOf("\t}", start);
      kept = end < 0 ? kept : kept.substring(0, start) + kept.substring(end);
    }
    return kept;
  }

  private String list() throws InterruptedException {
    StringBuilder all = new StringBuilder();
    for (Table each : TABLES) {
      try {
        all.append(
            withoutFlows(programs.run("", "nft", "-s", "list", "table", each.family, each.name)));
      } catch (NetworkException e) {
        // Not there; then it is not what was listed before either.
        all.append("no table: ").append(e.getMessage());
      }
    }
    return all.toString();
  }
}
