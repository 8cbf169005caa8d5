package dev.otherix.apiserver.http;

import java.io.IOException;
import java.net.BindException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;

/// The file of a Unix socket.
final class UnixSocketFile {
  private final Listener.Unix listener;

  UnixSocketFile(Listener.Unix listener) {
    this.listener = listener;
  }

  /// Removes what a server that is gone left behind.
  ///
  /// @throws BindException when somebody listens, or the file is no socket
  void clear() throws IOException {
    Path path = listener.path();
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    // Neither a file nor a folder nor a link: Java has no word for a socket.
    boolean socket =
        Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) instanceof Integer mode
            && (mode & 0170000) == 0140000;
    if (!socket) {
      throw new BindException(path + " is there and is no socket: remove it or name another");
    }
    if (answers(path)) {
      throw new BindException(
          "a server already listens on " + path + ": stop it or name another socket");
    }
    Files.delete(path);
  }

  private static boolean answers(Path path) {
    try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      return probe.isConnected();
    } catch (IOException e) {
      // Refused: nobody is there.
      return false;
    }
  }

  /// The group comes first: until then nobody but the owner may write.
  void applyMode() throws IOException {
    String group = listener.group();
    if (group != null) {
      Path path = listener.path();
      GroupPrincipal principal =
          path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
      Files.getFileAttributeView(path, PosixFileAttributeView.class).setGroup(principal);
    }
    Files.setPosixFilePermissions(
        listener.path(), PosixFilePermissions.fromString(listener.mode()));
  }

  void remove() throws IOException {
    Files.deleteIfExists(listener.path());
  }
}
