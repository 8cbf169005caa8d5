package dev.otherix.apiserver.storage;

import io.etcd.jetcd.api.AlarmMember;
import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.AlarmType;
import io.etcd.jetcd.api.ClusterGrpc;
import io.etcd.jetcd.api.DefragmentRequest;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.Member;
import io.etcd.jetcd.api.MemberAddRequest;
import io.etcd.jetcd.api.MemberListRequest;
import io.etcd.jetcd.api.MemberPromoteRequest;
import io.etcd.jetcd.api.MemberRemoveRequest;
import io.etcd.jetcd.api.MemberUpdateRequest;
import io.etcd.jetcd.api.MoveLeaderRequest;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// The members of an etcd, asked of one of them, and how they change: one at a time. Etcd itself
/// refuses a change that would leave it without a majority. Thread-safe.
public final class EtcdMembers implements AutoCloseable {
  /// A defragmentation copies the whole database.
  private static final Duration DEFRAGMENT_MAX = Duration.ofMinutes(5);

  private static final Set<Status.Code> REFUSALS =
      EnumSet.of(
          Status.Code.FAILED_PRECONDITION, Status.Code.NOT_FOUND, Status.Code.INVALID_ARGUMENT);

  private final EtcdClient client;

  private EtcdMembers(EtcdClient client) {
    this.client = client;
  }

  /// Whether it answers yet or not.
  ///
  /// @param options with the endpoint of the member that is asked
  public static EtcdMembers of(EtcdOptions options) {
    return new EtcdMembers(new EtcdClient(options));
  }

  /// @param name empty for one that has not started yet
  /// @param peers where the others reach it
  /// @param learner whether it only receives, and has no vote yet
  public record Peer(long id, String name, List<URI> peers, boolean learner) {
    public Peer {
      peers = List.copyOf(peers);
    }

    public boolean started() {
      return !name.isEmpty();
    }
  }

  /// What the member that is asked says of itself.
  ///
  /// @param leader its id, 0 when there is none
  public record Self(long id, long leader, boolean learner, long sizeBytes, long usedBytes) {
    public boolean leads() {
      return id == leader;
    }
  }

  /// A change that etcd does not make; the message says why.
  public static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final boolean passing;

    private Refused(String message, boolean passing, Throwable cause) {
      super(message, cause);
      this.passing = passing;
    }

    /// Whether a moment later it may be different.
    public boolean passing() {
      return passing;
    }
  }

  /// @throws StorageException when it does not answer
  public Self self() {
    StatusResponse answer =
        client.read(
            "ask etcd for its state",
            MaintenanceGrpc.getStatusMethod(),
            StatusRequest.getDefaultInstance());
    return new Self(
        answer.getHeader().getMemberId(),
        answer.getLeader(),
        answer.getIsLearner(),
        answer.getDbSize(),
        answer.getDbSizeInUse());
  }

  /// Whether it runs and can be asked, even without the others.
  public boolean answers() {
    try {
      self();
      return true;
    } catch (StorageException e) {
      return e.getCause() instanceof StatusRuntimeException cause
          && EtcdFailure.of(cause.getStatus()) == EtcdFailure.REFUSED;
    }
  }

  /// All of them, as the member that is asked knows them.
  public List<Peer> list() {
    List<Peer> all = new ArrayList<>();
    for (Member each :
        client
            .read(
                "list the members of etcd",
                ClusterGrpc.getMemberListMethod(),
                MemberListRequest.getDefaultInstance())
            .getMembersList()) {
      List<URI> peers = each.getPeerURLsList().stream().map(URI::create).toList();
      all.add(new Peer(each.getID(), each.getName(), peers, each.getIsLearner()));
    }
    return all;
  }

  /// Lets one more in that receives everything and has no vote until it is promoted.
  ///
  /// @throws Refused when there is one already, or not all members are connected
  public long addLearner(URI peer) {
    MemberAddRequest request =
        MemberAddRequest.newBuilder().addPeerURLs(peer.toString()).setIsLearner(true).build();
    return change("add a member to etcd", ClusterGrpc.getMemberAddMethod(), request)
        .getMember()
        .getID();
  }

  /// Gives a learner its vote.
  ///
  /// @throws Refused while it has not received everything
  public void promote(long id) {
    change(
        "promote a member of etcd",
        ClusterGrpc.getMemberPromoteMethod(),
        MemberPromoteRequest.newBuilder().setID(id).build());
  }

  /// @throws Refused when the others would have no majority
  public void remove(long id) {
    change(
        "remove a member of etcd",
        ClusterGrpc.getMemberRemoveMethod(),
        MemberRemoveRequest.newBuilder().setID(id).build());
  }

  /// Tells the others where this member is from now on.
  public void move(long id, URI peer) {
    change(
        "tell the address of a member of etcd",
        ClusterGrpc.getMemberUpdateMethod(),
        MemberUpdateRequest.newBuilder().setID(id).addPeerURLs(peer.toString()).build());
  }

  /// Has another member lead, which must have a vote.
  ///
  /// @throws Refused when it cannot
  public void lead(long id) {
    change(
        "move the leadership of etcd",
        MaintenanceGrpc.getMoveLeaderMethod(),
        MoveLeaderRequest.newBuilder().setTargetID(id).build());
  }

  /// Gives the disk back what the asked member's database does not use. It answers nobody until
  /// that is done.
  public void defragment() {
    String what = "defragment etcd";
    EtcdConnection used = client.connection();
    try {
      used.call(
          MaintenanceGrpc.getDefragmentMethod(),
          DefragmentRequest.getDefaultInstance(),
          DEFRAGMENT_MAX,
          new EtcdConnection.Sent());
    } catch (StatusRuntimeException e) {
      throw client.failed(used, e.getStatus()).exception(what, e, false);
    }
  }

  /// Takes back the alarms that a member had no space left. Etcd raises it again if that is so.
  public void disarmNoSpace() {
    AlarmRequest get = AlarmRequest.newBuilder().setAction(AlarmRequest.AlarmAction.GET).build();
    for (AlarmMember each :
        client
            .read("ask etcd for its alarms", MaintenanceGrpc.getAlarmMethod(), get)
            .getAlarmsList()) {
      if (each.getAlarm() == AlarmType.NOSPACE) {
        client.read(
            "disarm etcd's NOSPACE",
            MaintenanceGrpc.getAlarmMethod(),
            AlarmRequest.newBuilder()
                .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                .setMemberID(each.getMemberID())
                .setAlarm(AlarmType.NOSPACE)
                .build());
      }
    }
  }

  private <Q, A> A change(String what, MethodDescriptor<Q, A> method, Q request) {
    EtcdConnection used = client.connection();
    try {
      A answer =
          used.call(method, request, client.options().callTimeout(), new EtcdConnection.Sent());
      client.succeeded(used);
      return answer;
    } catch (StatusRuntimeException e) {
      String text = String.valueOf(e.getStatus().getDescription());
      boolean unhealthy = text.contains("unhealthy cluster");
      if (unhealthy || REFUSALS.contains(e.getStatus().getCode())) {
        throw new Refused(text, unhealthy || text.contains("in sync with leader"), e);
      }
      throw client.failed(used, e.getStatus()).exception(what, e, true);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
