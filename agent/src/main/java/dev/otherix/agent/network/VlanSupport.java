package dev.otherix.agent.network;

/// Whether the kernel's bridges keep VLANs apart, which not every kernel's do.
public final class VlanSupport {
  private static final System.Logger LOG = System.getLogger(VlanSupport.class.getName());

  private VlanSupport() {}

  /// Tries it where the host does not see it: in a network namespace that goes at once.
  ///
  /// @param searchPath folders of programs, with colons between them
  public static boolean onThisHost(String searchPath) {
    Programs programs = new Programs(searchPath);
    try {
      String ip = programs.find("ip");
      programs.run(
          "",
          "unshare",
          "--net",
          ip,
          "link",
          "add",
          "name",
          "otvlan0",
          "type",
          "bridge",
          "vlan_filtering",
          "1");
      return true;
    } catch (NetworkException e) {
      LOG.log(System.Logger.Level.DEBUG, "bridges here do not keep VLANs apart", e);
      return false;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
