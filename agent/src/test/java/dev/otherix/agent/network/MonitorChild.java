package dev.otherix.agent.network;

/// Says a line whenever the kernel tells of a change that concerns us.
final class MonitorChild {
  private MonitorChild() {}

  static void main(String[] arguments) throws Exception {
    KernelMonitor monitor = KernelMonitor.ofLinks(() -> System.out.println("changed"));
    System.out.println("ready");
    // Until the namespace is closed.
    System.in.read();
    monitor.stop();
  }
}
