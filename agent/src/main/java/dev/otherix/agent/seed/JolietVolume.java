package dev.otherix.agent.seed;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/// A small ISO 9660 volume with a Joliet directory, so that long names survive. One folder, few
/// files. The same files make the same bytes: no date is that of today.
final class JolietVolume {
  private static final int SECTOR = 2048;
  private static final int FIRST_DESCRIPTOR = 16;
  private static final int PLAIN_TABLES = 19;
  private static final int JOLIET_TABLES = 21;
  private static final int PLAIN_ROOT = 23;
  private static final int JOLIET_ROOT = 24;
  private static final int FIRST_FILE = 25;
  private static final int PATH_TABLE_BYTES = 10;
  private static final int ROOT_RECORD_BYTES = 34;
  private static final byte[] JOLIET_LEVEL_3 = {0x25, 0x2f, 0x45};
  private static final byte[] SELF = {0};
  private static final byte[] PARENT = {1};

  private final ByteBuffer out;
  private final List<Entry> entries;
  private final String label;

  private record Entry(String name, byte[] content, int sector) {
    /// Eight upper-case letters at most, for readers without Joliet.
    byte[] plainName(int index) {
      String letters = name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
      String cut = letters.substring(0, Math.min(6, letters.length()));
      return (cut + index + ".;1").getBytes(StandardCharsets.US_ASCII);
    }

    byte[] jolietName() {
      return name.getBytes(StandardCharsets.UTF_16BE);
    }
  }

  private JolietVolume(String label, List<Entry> entries, int sectors) {
    this.label = label;
    this.entries = entries;
    this.out = ByteBuffer.allocate(sectors * SECTOR);
  }

  static byte[] of(String label, SortedMap<String, byte[]> files) {
    List<Entry> entries = new ArrayList<>();
    int next = FIRST_FILE;
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      entries.add(new Entry(file.getKey(), file.getValue(), next));
      next += Math.max(1, (file.getValue().length + SECTOR - 1) / SECTOR);
    }
    JolietVolume volume = new JolietVolume(label, entries, next);
    volume.descriptor(1, FIRST_DESCRIPTOR, PLAIN_TABLES, PLAIN_ROOT);
    volume.descriptor(2, FIRST_DESCRIPTOR + 1, JOLIET_TABLES, JOLIET_ROOT);
    volume.at(FIRST_DESCRIPTOR + 2).put((byte) 255).put(ascii("CD001")).put((byte) 1);
    volume.pathTables(PLAIN_TABLES, PLAIN_ROOT);
    volume.pathTables(JOLIET_TABLES, JOLIET_ROOT);
    volume.folder(PLAIN_ROOT, false);
    volume.folder(JOLIET_ROOT, true);
    for (Entry each : entries) {
      volume.at(each.sector).put(each.content);
    }
    return volume.out.array();
  }

  private ByteBuffer at(int sector) {
    return out.position(sector * SECTOR);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /// @param type 1 for the plain description of the volume, 2 for the Joliet one
  private void descriptor(int type, int sector, int tables, int root) {
    boolean joliet = type == 2;
    at(sector).put((byte) type).put(ascii("CD001")).put((byte) 1).put((byte) 0);
    text("", 32, joliet);
    text(label, 32, joliet);
    out.position(out.position() + 8);
    both32(out.capacity() / SECTOR);
    byte[] escapes = new byte[32];
    if (joliet) {
      System.arraycopy(JOLIET_LEVEL_3, 0, escapes, 0, JOLIET_LEVEL_3.length);
    }
    out.put(escapes);
    both16(1);
    both16(1);
    both16(SECTOR);
    both32(PATH_TABLE_BYTES);
    little32(tables);
    little32(0);
    out.putInt(tables + 1);
    out.putInt(0);
    record(SELF, root, SECTOR, true);
    for (int length : new int[] {128, 128, 128, 128, 37, 37, 37}) {
      text("", length, joliet);
    }
    for (int i = 0; i < 4; i++) {
      out.put(ascii("0000000000000000")).put((byte) 0);
    }
    out.put((byte) 1);
  }

  private void text(String text, int length, boolean joliet) {
    byte[] bytes = joliet ? text.getBytes(StandardCharsets.UTF_16BE) : ascii(text);
    out.put(bytes);
    for (int i = bytes.length; i < length; i++) {
      boolean low = joliet && (i % 2 == 0);
      out.put(low ? 0 : (byte) ' ');
    }
  }

  /// One table with the low byte first, one with the high byte first; each knows the root only.
  private void pathTables(int sector, int root) {
    at(sector).put((byte) 1).put((byte) 0);
    little32(root);
    out.put((byte) 1).put((byte) 0).put((byte) 0);
    at(sector + 1).put((byte) 1).put((byte) 0);
    out.putInt(root).putShort((short) 1).put((byte) 0);
  }

  private void folder(int sector, boolean joliet) {
    at(sector);
    record(SELF, sector, SECTOR, true);
    record(PARENT, sector, SECTOR, true);
    for (int i = 0; i < entries.size(); i++) {
      Entry each = entries.get(i);
      byte[] name = joliet ? each.jolietName() : each.plainName(i);
      record(name, each.sector, each.content.length, false);
    }
    if (out.position() > (sector + 1) * SECTOR) {
      throw new IllegalStateException("too many files for one sector: " + entries.size());
    }
  }

  private void record(byte[] name, int sector, int bytes, boolean folder) {
    int length = ROOT_RECORD_BYTES - 1 + name.length;
    int padded = length + length % 2;
    out.put((byte) padded).put((byte) 0);
    both32(sector);
    both32(bytes);
    // 2020-01-01 00:00:00 UTC.
    out.put(new byte[] {120, 1, 1, 0, 0, 0, 0});
    out.put((byte) (folder ? 2 : 0)).put((byte) 0).put((byte) 0);
    both16(1);
    out.put((byte) name.length).put(name);
    if (padded != length) {
      out.put((byte) 0);
    }
  }

  private void both32(int value) {
    little32(value);
    out.putInt(value);
  }

  private void both16(int value) {
    out.order(ByteOrder.LITTLE_ENDIAN).putShort((short) value);
    out.order(ByteOrder.BIG_ENDIAN).putShort((short) value);
  }

  private void little32(int value) {
    out.order(ByteOrder.LITTLE_ENDIAN).putInt(value).order(ByteOrder.BIG_ENDIAN);
  }
}
