package dev.otherix.ctl.stream;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ByteSocket;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.Conversation;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A port of a guest at a port of this host.
@Command(
    name = "forward",
    description = {
      "Brings a TCP port of a guest to a port of this host.",
      "Prints the address, and goes on until it is interrupted. Each connection finds the machine",
      "anew, so that it may restart or move."
    },
    mixinStandardHelpOptions = true)
public final class ForwardCommand implements Callable<Integer> {
  private static final int CONNECTIONS_MAX = 32;

  private final Session session;
  private final InputStream in;
  private final OutputStream out;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(index = "0", paramLabel = "NAME", description = "Of which machine.")
  private String name;

  @Parameters(
      index = "1",
      paramLabel = "[LOCAL:]PORT",
      description = "Which port of the guest, and at which one of this host. Default: any free one")
  private String port;

  @Option(
      names = {"-L", "--listen"},
      paramLabel = "ADDRESS[:PORT]",
      description = "Where this host takes connections. Default: 127.0.0.1")
  private String listen = ListenAddress.LOOPBACK;

  @Option(
      names = "--stdio",
      description = "One connection, with standard input and output, and no port of this host.")
  private boolean stdio;

  /// @param in what `--stdio` sends
  /// @param out where it writes
  public ForwardCommand(Session session, InputStream in, OutputStream out) {
    this.session = session;
    this.in = in;
    this.out = out;
  }

  @Override
  public Integer call() throws InterruptedException {
    ListenAddress address = ListenAddress.of(listen, port);
    ApiClient client = session.client();
    if (stdio) {
      if (!Conversation.carry(open(client, address.guestPort()), in, out, out)) {
        throw new CommandFailure("the connection with " + name + " broke");
      }
      return Exit.OK.code();
    }
    Semaphore connections = new Semaphore(CONNECTIONS_MAX);
    try (ServerSocket server = new ServerSocket()) {
      server.bind(address.local());
      // Whether it may be had is to be told at once, not to the first who connects.
      MachineStream.ticket(client, "portforward", name, body(address.guestPort()));
      PrintWriter told = spec.commandLine().getOut();
      told.println(address.text(server.getLocalPort()));
      told.flush();
      while (true) {
        connections.acquire();
        Socket near = server.accept();
        Thread.ofVirtual()
            .name("forward")
            .start(() -> serve(client, near, address.guestPort(), connections));
      }
    } catch (IOException e) {
      throw new CommandFailure("cannot listen on " + address.local() + ": " + e.getMessage(), e);
    }
  }

  private static ObjectNode body(int guestPort) {
    return JsonNodeFactory.instance.objectNode().put("port", guestPort);
  }

  private ByteSocket open(ApiClient client, int guestPort) throws InterruptedException {
    return MachineStream.open(client, "portforward", name, body(guestPort));
  }

  private void serve(ApiClient client, Socket near, int guestPort, Semaphore connections) {
    PrintWriter err = spec.commandLine().getErr();
    try (near) {
      near.setTcpNoDelay(true);
      // Whoever gets no guest sees a connection that is broken, not one that ended well.
      near.setSoLinger(true, 0);
      ByteSocket far = open(client, guestPort);
      boolean whole =
          Conversation.carry(
              far, near.getInputStream(), near.getOutputStream(), near::shutdownOutput);
      near.setSoLinger(!whole, 0);
    } catch (ApiException | ConnectionException | IOException e) {
      err.println("connection refused: " + e.getMessage());
      err.flush();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      connections.release();
    }
  }
}
