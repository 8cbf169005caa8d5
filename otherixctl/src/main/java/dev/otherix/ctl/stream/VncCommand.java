package dev.otherix.ctl.stream;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ByteSocket;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// A machine's screen at a port of this host, for any viewer.
@Command(
    name = "vnc",
    description = {
      "Brings a machine's screen to a port of this host, for a VNC viewer.",
      "Prints the address, and goes on until it is interrupted."
    },
    mixinStandardHelpOptions = true)
public final class VncCommand implements Callable<Integer> {
  private static final int VIEWERS_MAX = 8;
  private static final int PIECE_BYTES = 16 * 1024;

  private final Session session;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "Of which machine.")
  private String name;

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS:PORT",
      description = "Where viewers connect. Default: 127.0.0.1:0, any free port")
  private String listen = "127.0.0.1:0";

  public VncCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    ApiClient client = session.client();
    Semaphore viewers = new Semaphore(VIEWERS_MAX);
    try (ServerSocket server = new ServerSocket()) {
      server.bind(address());
      // Whether it can be had is to be told at once, not to the first viewer.
      MachineStream.open(client, "vnc", name, null).close();
      out.println(
          "vnc://" + listen.substring(0, listen.lastIndexOf(':')) + ":" + server.getLocalPort());
      out.flush();
      while (true) {
        viewers.acquire();
        Socket viewer = server.accept();
        Thread.ofVirtual().name("viewer").start(() -> serve(client, viewer, viewers));
      }
    } catch (IOException e) {
      throw new CommandFailure("cannot listen on " + listen + ": " + e.getMessage(), e);
    }
  }

  private InetSocketAddress address() throws IOException {
    int colon = listen.lastIndexOf(':');
    try {
      String host = colon < 0 ? "" : listen.substring(0, colon).replaceAll("[\\[\\]]", "");
      return new InetSocketAddress(
          InetAddress.getByName(host), Integer.parseInt(listen.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          Exit.USAGE, "--listen takes an address and a port, such as 127.0.0.1:5900");
    }
  }

  private void serve(ApiClient client, Socket viewer, Semaphore viewers) {
    PrintWriter err = spec.commandLine().getErr();
    try (viewer;
        ByteSocket socket = MachineStream.open(client, "vnc", name, null)) {
      Thread.ofVirtual().name("to-viewer").start(() -> show(socket, viewer));
      InputStream typed = viewer.getInputStream();
      byte[] piece = new byte[PIECE_BYTES];
      for (int got = typed.read(piece); got >= 0; got = typed.read(piece)) {
        socket.send(piece, 0, got);
      }
    } catch (ApiException | ConnectionException | IOException e) {
      err.println("viewer left: " + e.getMessage());
      err.flush();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      viewers.release();
    }
  }

  private static void show(ByteSocket socket, Socket viewer) {
    try (viewer) {
      for (byte[] part = socket.receive(); part != null; part = socket.receive()) {
        viewer.getOutputStream().write(part);
      }
    } catch (ConnectionException | IOException _) {
      // Closing the viewer's connection ends the other direction, which tells why.
      socket.close();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
