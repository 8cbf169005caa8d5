package dev.otherix.ctl;

import dev.otherix.ctl.failure.CommandFailure;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import org.jspecify.annotations.Nullable;

/// The group of this machine whose members may use the server's Unix socket.
record LocalGroup(String name, int gid) {
  /// Used when there is one; nobody need make it.
  static final String DEFAULT = "otherix";

  private static final System.Logger LOG = System.getLogger(LocalGroup.class.getName());

  /// @param folder where files can be made: only trying tells whether this process may give files
  ///   to the group, and its number
  /// @return null when `name` is empty, or is the default and cannot be used
  /// @throws CommandFailure when another one cannot be used
  static @Nullable LocalGroup find(String name, Path folder) throws IOException {
    if (name.isEmpty()) {
      return null;
    }
    Path probe = Files.createTempFile(folder, "group", ".probe");
    try {
      GroupPrincipal group =
          folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
      Files.getFileAttributeView(probe, PosixFileAttributeView.class).setGroup(group);
      return new LocalGroup(name, (Integer) Files.getAttribute(probe, "unix:gid"));
    } catch (IOException e) {
      if (!name.equals(DEFAULT)) {
        throw new CommandFailure(
            "the group \""
                + name
                + "\" (key server.unix_group) cannot be used: make it, and run the server as root"
                + " or as a member of it",
            e);
      }
      boolean missing = e instanceof UserPrincipalNotFoundException;
      LOG.log(
          missing ? Level.DEBUG : Level.WARNING,
          "unix socket is for its owner only group={0} reason={1}",
          name,
          missing ? "there is no such group" : "the server is no member of it");
      return null;
    } finally {
      Files.delete(probe);
    }
  }
}
