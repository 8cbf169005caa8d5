package dev.otherix.agent.kill;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/// A guest of one sector, which boots within a second: it counts its boots in the sector behind its
/// own, says `BOOTS n` on the serial line, and shuts down when the power button is pressed.
public final class TinyGuest {
  private static final int SECTOR = 512;
  private static final int DISK_BYTES = 1024 * 1024;
  private static final String SAYS = "BOOTS ";

  /// In turn: segments and stack; read the second sector by the BIOS, add one to its first byte,
  /// write it back; print that; allow the power button in the chipset's PM1 block (port 602h); halt
  /// until its bit is set in 600h; print `OFF`; ask for the state S5 in 604h; the printing.
  private static final byte[] PROGRAM =
      HexFormat.of()
          .parseHex(
              "31c08ed88ec08ed0bc007cbb0080b90200b60052b80102cd13"
                  + "5afe060080b600b90200bb0080b80103cd13"
                  + "baf803be6b7ce82e00a000800430eeb00aee"
                  + "ba0206b80001effbf4ba0006edf6c40174f6"
                  + "baf803be727ce80a00ba0406b80020eff4ebfd"
                  + "ac84c07403eeebf8c3"
                  + "424f4f54532000"
                  + "4f46460a00");

  private TinyGuest() {}

  /// A raw disk.
  public static byte[] disk() {
    byte[] disk = new byte[DISK_BYTES];
    System.arraycopy(PROGRAM, 0, disk, 0, PROGRAM.length);
    disk[SECTOR - 2] = 0x55;
    disk[SECTOR - 1] = (byte) 0xaa;
    return disk;
  }

  /// How often the guest with this serial log has booted from its disk; 0 for never.
  public static int boots(Path log) throws IOException {
    if (!Files.exists(log)) {
      return 0;
    }
    String text = Files.readString(log, StandardCharsets.ISO_8859_1);
    int last = text.lastIndexOf(SAYS);
    int at = last + SAYS.length();
    return last < 0 || at >= text.length() ? 0 : text.charAt(at) - '0';
  }
}
