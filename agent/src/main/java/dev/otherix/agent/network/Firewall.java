package dev.otherix.agent.network;

/// Keeps our tables of the packet filter as they should be. Of one thread.
final class Firewall {
  private final Programs programs;
  private String applied = "";
  private String listed = "";

  Firewall(Programs programs) {
    this.programs = programs;
  }

  /// Replaces the tables when they are to change, or when somebody else changed them.
  void apply(String ruleset) throws InterruptedException {
    if (ruleset.equals(applied) && list().equals(listed)) {
      return;
    }
    programs.run(ruleset, "nft", "-f", "-");
    listed = list();
    applied = ruleset;
  }

  /// Removes the tables, if they are there.
  void remove() throws InterruptedException {
    if (programs.run("", "nft", "list", "tables").lines().anyMatch(Firewall::ours)) {
      programs.run(Ruleset.none(), "nft", "-f", "-");
    }
    applied = "";
    listed = "";
  }

  private static boolean ours(String line) {
    return line.equals("table bridge " + Ruleset.TABLE) || line.equals("table ip " + Ruleset.TABLE);
  }

  private String list() throws InterruptedException {
    StringBuilder all = new StringBuilder();
    for (String family : new String[] {"bridge", "ip"}) {
      try {
        all.append(programs.run("", "nft", "-s", "list", "table", family, Ruleset.TABLE));
      } catch (NetworkException e) {
        // Not there; then it is not what was listed before either.
        all.append("no table: ").append(e.getMessage());
      }
    }
    return all.toString();
  }
}
