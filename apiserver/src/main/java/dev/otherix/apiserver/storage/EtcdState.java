package dev.otherix.apiserver.storage;

import dev.otherix.apimachinery.meter.Family;
import java.util.List;

/// What a member of etcd says of itself and its cluster.
///
/// @param sizeBytes of its database on disk
/// @param usedBytes of that; a defragmentation gives back the rest
/// @param hasLeader whether the cluster can take writes
/// @param full whether its quota is used up: no writes until it is compacted, defragmented and told
///   so
/// @param corrupt whether members have found that they differ
public record EtcdState(
    long sizeBytes, long usedBytes, boolean hasLeader, boolean full, boolean corrupt) {

  public List<Family> families() {
    return List.of(
        gauge(
            "otherix_etcd_used_bytes",
            "Bytes of etcd's database that are in use; defragmenting gives back the others.",
            (double) usedBytes),
        gauge("otherix_etcd_has_leader", "1 while the cluster can take writes.", hasLeader ? 1 : 0),
        new Family(
            "otherix_etcd_alarm",
            "1 while the alarm is raised.",
            Family.Type.GAUGE,
            List.of("alarm"),
            List.of(
                new Family.Point.Value(List.of("nospace"), full ? 1 : 0),
                new Family.Point.Value(List.of("corrupt"), corrupt ? 1 : 0))));
  }

  private static Family gauge(String name, String help, double value) {
    return new Family(
        name,
        help,
        Family.Type.GAUGE,
        List.of(),
        List.of(new Family.Point.Value(List.of(), value)));
  }
}
