package dev.otherix.ctl.replica;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A network namespace for each member of an etcd, on a bridge that the host is on as well: what
/// goes between two members can be cut, while clients still reach both. Takes root.
final class MemberNetwork implements AutoCloseable {
  private static final int SECONDS_MAX = 60;

  /// Another one in each process: two of them run at once on one host.
  private static final String SUBNET = "10.213." + ProcessHandle.current().pid() % 250 + ".";

  private final String bridge = "otxc" + ProcessHandle.current().pid() % 100_000;
  private final List<String> namespaces = new ArrayList<>();

  private MemberNetwork() {}

  static boolean possible() {
    return "root".equals(System.getProperty("user.name"));
  }

  static MemberNetwork open(int count) throws IOException {
    MemberNetwork network = new MemberNetwork();
    boolean whole = false;
    try {
      execute("ip link add " + network.bridge + " type bridge");
      execute("ip addr add " + SUBNET + "1/24 dev " + network.bridge);
      execute("ip link set " + network.bridge + " up");
      for (int i = 0; i < count; i++) {
        network.add(i);
      }
      whole = true;
      return network;
    } finally {
      if (!whole) {
        network.close();
      }
    }
  }

  private void add(int member) throws IOException {
    String namespace = bridge + "-" + member;
    String port = bridge + "p" + member;
    execute("ip netns add " + namespace);
    namespaces.add(namespace);
    execute("ip link add " + port + " type veth peer name eth0 netns " + namespace);
    execute("ip link set " + port + " master " + bridge + " up");
    execute("ip -n " + namespace + " link set lo up");
    execute("ip -n " + namespace + " addr add " + host(member) + "/24 dev eth0");
    execute("ip -n " + namespace + " link set eth0 up");
  }

  static String host(int member) {
    return SUBNET + (10 + member);
  }

  /// What a command begins with to run as that member.
  List<String> prefix(int member) {
    return List.of("ip", "netns", "exec", namespaces.get(member));
  }

  /// The member hears nothing of the others, and they nothing of it.
  void cut(int member) throws IOException {
    routes("add", member);
  }

  void heal(int member) throws IOException {
    routes("del", member);
  }

  private void routes(String change, int member) throws IOException {
    for (int other = 0; other < namespaces.size(); other++) {
      if (other != member) {
        execute(
            "ip -n "
                + namespaces.get(member)
                + " route "
                + change
                + " blackhole "
                + host(other)
                + "/32");
      }
    }
  }

  private static void execute(String command) throws IOException {
    Process process =
        new ProcessBuilder(command.split(" "))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (process.waitFor(SECONDS_MAX, TimeUnit.SECONDS) && process.exitValue() == 0) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new IOException(command + " failed");
  }

  @Override
  public void close() throws IOException {
    for (String each : namespaces) {
      execute("ip netns del " + each);
    }
    execute("ip link del " + bridge);
  }
}
