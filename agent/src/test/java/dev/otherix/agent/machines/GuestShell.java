package dev.otherix.agent.machines;

import dev.otherix.agent.qemu.SerialReader;
import java.io.IOException;
import java.nio.file.Path;

/// The shell that the test guest leaves on its serial line.
final class GuestShell implements AutoCloseable {
  private final SerialReader serial;

  private GuestShell(SerialReader serial) {
    this.serial = serial;
  }

  /// Waits until the guest has booted.
  static GuestShell of(Path temp, String uid) throws IOException {
    SerialReader serial = SerialReader.of(temp.resolve("vms/" + uid + "/run/serial.sock"));
    MachinesRig.eventually(() -> serial.text().contains("guest# "));
    return new GuestShell(serial);
  }

  String text() {
    return serial.text();
  }

  void type(String line) throws IOException {
    serial.type(line + "\r");
  }

  /// What a command prints, in a line that the echo of what was typed is not.
  String ask(String command) throws IOException {
    int from = serial.text().length();
    type("echo \"[[$(" + command + ")]]\" | tr a-z a-z");
    MachinesRig.eventually(() -> serial.text().indexOf("]]\r\n", from) > 0);
    String text = serial.text();
    int end = text.indexOf("]]\r\n", from);
    return text.substring(text.lastIndexOf("[[", end) + 2, end);
  }

  @Override
  public void close() throws IOException {
    serial.close();
  }
}
