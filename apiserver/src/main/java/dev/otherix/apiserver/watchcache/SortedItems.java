package dev.otherix.apiserver.watchcache;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Items in key order that never change: adding or removing one gives a new tree that shares all
/// but one path with the old one. A B-tree whose every operation on one key costs O(log n).
final class SortedItems {
  static final int NODE_MAX = 32;

  /// A node with fewer is joined with a neighbour when both fit into one.
  private static final int NODE_MIN = NODE_MAX / 4;

  static final SortedItems EMPTY = new SortedItems(new Leaf(new CacheItem[0]));

  private final Node root;

  private SortedItems(Node root) {
    this.root = root;
  }

  private sealed interface Node {
    int size();

    long bytes();

    int width();

    String low();
  }

  private record Leaf(CacheItem[] items, long bytes) implements Node {
    Leaf(CacheItem[] items) {
      long bytes = 0;
      for (CacheItem item : items) {
        bytes += item.bytes();
      }
      this(items, bytes);
    }

    @Override
    public int size() {
      return items.length;
    }

    @Override
    public int width() {
      return items.length;
    }

    @Override
    public String low() {
      return items[0].key();
    }

    /// The place of the first key that is not below `key`.
    int ceiling(String key) {
      int low = 0;
      int high = items.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (items[middle].key().compareTo(key) < 0) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }

    boolean has(int place, String key) {
      return place < items.length && items[place].key().equals(key);
    }
  }

  private record Branch(Node[] children, String[] lows, int size, long bytes) implements Node {
    Branch(Node[] children) {
      String[] lows = new String[children.length];
      int size = 0;
      long bytes = 0;
      for (int i = 0; i < children.length; i++) {
        lows[i] = children[i].low();
        size += children[i].size();
        bytes += children[i].bytes();
      }
      this(children, lows, size, bytes);
    }

    @Override
    public int width() {
      return children.length;
    }

    @Override
    public String low() {
      return lows[0];
    }

    /// The child that has `key` or would have it.
    int childOf(String key) {
      int low = 1;
      int high = lows.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (lows[middle].compareTo(key) <= 0) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low - 1;
    }
  }

  /// A tree of items that are in key order already.
  static SortedItems of(List<CacheItem> sorted) {
    if (sorted.isEmpty()) {
      return EMPTY;
    }
    Node[] level = new Node[(sorted.size() + NODE_MAX - 1) / NODE_MAX];
    for (int i = 0; i < level.length; i++) {
      int end = Math.min(sorted.size(), (i + 1) * NODE_MAX);
      level[i] = new Leaf(sorted.subList(i * NODE_MAX, end).toArray(new CacheItem[0]));
    }
    while (level.length > 1) {
      Node[] upper = new Node[(level.length + NODE_MAX - 1) / NODE_MAX];
      for (int i = 0; i < upper.length; i++) {
        int end = Math.min(level.length, (i + 1) * NODE_MAX);
        upper[i] = new Branch(Arrays.copyOfRange(level, i * NODE_MAX, end));
      }
      level = upper;
    }
    return new SortedItems(level[0]);
  }

  int size() {
    return root.size();
  }

  long bytes() {
    return root.bytes();
  }

  @Nullable CacheItem get(String key) {
    Node node = root;
    while (node instanceof Branch branch) {
      node = branch.children[branch.childOf(key)];
    }
    Leaf leaf = (Leaf) node;
    int place = leaf.ceiling(key);
    return leaf.has(place, key) ? leaf.items[place] : null;
  }

  /// How many keys are below `key`.
  int rank(String key) {
    int rank = 0;
    Node node = root;
    while (node instanceof Branch branch) {
      int child = branch.childOf(key);
      for (int i = 0; i < child; i++) {
        rank += branch.children[i].size();
      }
      node = branch.children[child];
    }
    return rank + ((Leaf) node).ceiling(key);
  }

  SortedItems with(CacheItem item) {
    return grown(put(root, item));
  }

  private static SortedItems grown(Node[] nodes) {
    return new SortedItems(nodes.length == 1 ? nodes[0] : new Branch(nodes));
  }

  /// One node, or two when it had to be split.
  private static Node[] put(Node node, CacheItem item) {
    return switch (node) {
      case Leaf leaf -> {
        int place = leaf.ceiling(item.key());
        CacheItem[] items = leaf.items;
        int length = items.length;
        if (leaf.has(place, item.key())) {
          CacheItem[] replaced = items.clone();
          replaced[place] = item;
          yield new Node[] {new Leaf(replaced)};
        }
        CacheItem[] longer = Arrays.copyOf(items, length + 1);
        System.arraycopy(items, place, longer, place + 1, length - place);
        longer[place] = item;
        if (longer.length <= NODE_MAX) {
          yield new Node[] {new Leaf(longer)};
        }
        // Keys often come in rising order: then the left node stays full.
        int cut = place == length ? length : longer.length / 2;
        yield new Node[] {
          new Leaf(Arrays.copyOf(longer, cut)),
          new Leaf(Arrays.copyOfRange(longer, cut, longer.length))
        };
      }
      case Branch branch -> {
        int child = branch.childOf(item.key());
        yield replace(branch, child, child + 1, put(branch.children[child], item));
      }
    };
  }

  /// `branch` with other children instead of those from `from` to `to`.
  private static Node[] replace(Branch branch, int from, int to, Node... with) {
    Node[] old = branch.children;
    Node[] children = new Node[old.length - (to - from) + with.length];
    System.arraycopy(old, 0, children, 0, from);
    System.arraycopy(with, 0, children, from, with.length);
    System.arraycopy(old, to, children, from + with.length, old.length - to);
    if (children.length <= NODE_MAX) {
      return children.length == 0 ? children : new Node[] {new Branch(children)};
    }
    int cut = from == old.length - 1 ? children.length - 1 : children.length / 2;
    return new Node[] {
      new Branch(Arrays.copyOf(children, cut)),
      new Branch(Arrays.copyOfRange(children, cut, children.length))
    };
  }

  SortedItems without(String key) {
    if (get(key) == null) {
      return this;
    }
    Node[] left = remove(root, key);
    if (left.length == 0) {
      return EMPTY;
    }
    Node node = left[0];
    while (node instanceof Branch branch && branch.children.length == 1) {
      node = branch.children[0];
    }
    return new SortedItems(node);
  }

  /// The node without a key that it has; none when nothing is left.
  private static Node[] remove(Node node, String key) {
    return switch (node) {
      case Leaf leaf -> {
        int place = leaf.ceiling(key);
        CacheItem[] items = leaf.items;
        if (items.length == 1) {
          yield new Node[0];
        }
        CacheItem[] shorter = Arrays.copyOf(items, items.length - 1);
        System.arraycopy(items, place + 1, shorter, place, items.length - place - 1);
        yield new Node[] {new Leaf(shorter)};
      }
      case Branch branch -> {
        int child = branch.childOf(key);
        Node[] left = remove(branch.children[child], key);
        yield left.length == 1 && left[0].width() < NODE_MIN
            ? joined(branch, child, left[0])
            : replace(branch, child, child + 1, left);
      }
    };
  }

  private static Node[] joined(Branch branch, int child, Node small) {
    if (child > 0 && branch.children[child - 1].width() + small.width() <= NODE_MAX) {
      return replace(branch, child - 1, child + 1, join(branch.children[child - 1], small));
    }
    if (child + 1 < branch.children.length
        && branch.children[child + 1].width() + small.width() <= NODE_MAX) {
      return replace(branch, child, child + 2, join(small, branch.children[child + 1]));
    }
    return replace(branch, child, child + 1, small);
  }

  private static Node join(Node left, Node right) {
    if (left instanceof Leaf a && right instanceof Leaf b) {
      CacheItem[] items = Arrays.copyOf(a.items, a.items.length + b.items.length);
      System.arraycopy(b.items, 0, items, a.items.length, b.items.length);
      return new Leaf(items);
    }
    Branch a = (Branch) left;
    Branch b = (Branch) right;
    Node[] children = Arrays.copyOf(a.children, a.children.length + b.children.length);
    System.arraycopy(b.children, 0, children, a.children.length, b.children.length);
    return new Branch(children);
  }

  /// Takes items in key order until it says no.
  @FunctionalInterface
  interface Visitor {
    boolean visit(CacheItem item);
  }

  /// Visits the items from the key `from` on.
  ///
  /// @return whether the visitor wanted all of them
  boolean visit(String from, Visitor visitor) {
    return visit(root, from, visitor);
  }

  private static boolean visit(Node node, String from, Visitor visitor) {
    return switch (node) {
      case Leaf leaf -> {
        for (int i = from.isEmpty() ? 0 : leaf.ceiling(from); i < leaf.items.length; i++) {
          if (!visitor.visit(leaf.items[i])) {
            yield false;
          }
        }
        yield true;
      }
      case Branch branch -> {
        int first = branch.childOf(from);
        for (int i = first; i < branch.children.length; i++) {
          if (!visit(branch.children[i], i == first ? from : "", visitor)) {
            yield false;
          }
        }
        yield true;
      }
    };
  }
}
