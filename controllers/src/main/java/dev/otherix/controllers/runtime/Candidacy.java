package dev.otherix.controllers.runtime;

import dev.otherix.apimachinery.object.ObjectKey;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/// How a [ControllerHost] stands for the leadership of several.
///
/// @param lease what they compete for
/// @param identity of this process; no two may share it
/// @param alone whether no other process can be alive, as with a store that only one can open: then
///   the lease of a process that was killed is not waited for
public record Candidacy(
    ObjectKey lease, String identity, LeaderElection.Times times, boolean alone) {
  private static final int RANDOM_BYTES = 8;

  /// @param prefix what people know the process by, such as the name of its machine
  public static Candidacy of(ObjectKey lease, String prefix, RandomGenerator random) {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    String identity = prefix + "_" + HexFormat.of().formatHex(bytes);
    return new Candidacy(lease, identity, LeaderElection.Times.DEFAULT, false);
  }

  public Candidacy withTimes(LeaderElection.Times others) {
    return new Candidacy(lease, identity, others, alone);
  }

  public Candidacy withNobodyElse() {
    return new Candidacy(lease, identity, times, true);
  }
}
