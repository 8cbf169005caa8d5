package dev.otherix.apimachinery.informer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What stood at one place of the documents before: in the third member of an object, say, and in
/// its own members. [SharedReader] asks whether the same stands there again.
final class Place {
  /// What is longer is hardly ever said twice.
  private static final int BYTES_MAX = 4096;

  /// So often in a row it may be something else before it counts as a place that always changes.
  private static final int MISSES_MAX = 8;

  /// The same for texts, which may be one of a set, such as the names of nodes.
  private static final int TEXT_MISSES_MAX = 1024;

  /// Of what stands at a place that always changes, one in this many is remembered.
  private static final int ONE_IN = 32;

  private static final byte[] NOTHING = {};

  private final List<Place> parts = new ArrayList<>();

  private byte[] nameBytes = NOTHING;
  private String name = "";
  private SharedTrees.@Nullable Shape shape;

  private byte[] bytes = NOTHING;
  private @Nullable JsonNode tree;
  private int hash;
  private int weight;
  private int misses;

  /// The place of this member or item; null when it has none yet.
  @Nullable Place part(int index) {
    return index < parts.size() ? parts.get(index) : null;
  }

  /// @return whether it is the next one, and has its place now
  boolean add(int index, Place part) {
    return index == parts.size() && parts.add(part);
  }

  /// The name of the member that this is, when its bytes stand there again.
  @Nullable String nameAt(byte[] document, int at) {
    return standsAt(nameBytes, document, at) ? name : null;
  }

  int nameLength() {
    return nameBytes.length;
  }

  /// @param all with the quotes and the colon
  void rename(byte[] all, String to) {
    nameBytes = all;
    name = to;
  }

  /// What was here last, when its bytes stand there again.
  @Nullable JsonNode treeAt(byte[] document, int at) {
    if (standsAt(bytes, document, at)) {
      misses = 0;
      return tree;
    }
    misses++;
    return null;
  }

  int length() {
    return bytes.length;
  }

  int hash() {
    return hash;
  }

  int weight() {
    return weight;
  }

  void remember(byte[] document, int from, int to, JsonNode read, int itsHash, int itsWeight) {
    if (to - from <= BYTES_MAX && (misses <= MISSES_MAX || misses % ONE_IN == 0)) {
      bytes = Arrays.copyOfRange(document, from, to);
      tree = read;
      hash = itsHash;
      weight = itsWeight;
    }
  }

  /// The shape of the object that was here last, when these are its names.
  SharedTrees.@Nullable Shape shape(String[] names, int from, int to) {
    boolean same =
        shape != null && Arrays.equals(shape.names(), 0, shape.names().length, names, from, to);
    return same ? shape : null;
  }

  void reshape(SharedTrees.Shape to) {
    shape = to;
  }

  /// Whether it is worth looking whether a text here was said before, here or elsewhere.
  boolean repeatsTexts() {
    misses++;
    return misses <= TEXT_MISSES_MAX || misses % ONE_IN == 0;
  }

  /// A text here was said before.
  void repeated() {
    misses = 0;
  }

  private static boolean standsAt(byte[] part, byte[] document, int at) {
    int end = at + part.length;
    return part.length > 0
        && end <= document.length
        && Arrays.equals(part, 0, part.length, document, at, end);
  }
}
