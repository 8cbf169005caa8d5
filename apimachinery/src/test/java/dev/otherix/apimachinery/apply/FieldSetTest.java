package dev.otherix.apimachinery.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.StringNode;

final class FieldSetTest {
  private static final int ROUNDS = 5_000;

  private static FieldSet set(String... dotted) {
    FieldSet set = FieldSet.EMPTY;
    for (String path : dotted) {
      set = set.union(FieldSet.ofFields(path.split("\\.")));
    }
    return set;
  }

  @Test
  void operations_onSmallSets_giveTheirPaths() {
    FieldSet left = set("a", "a.b", "c.d", "e");
    FieldSet right = set("a", "c", "c.d.f", "g");
    assertEquals(".a\n.c\n.e\n.g\n.a.b\n.c.d\n.c.d.f", left.union(right).toString());
    assertEquals(".a", left.intersection(right).toString());
    assertEquals(".e\n.a.b\n.c.d", left.difference(right).toString());
    assertEquals(".e", left.recursiveDifference(right).toString());
    assertEquals(".e\n.a.b\n.c.d", left.leaves().toString());
    assertEquals(4, left.size());
  }

  @Test
  void has_memberAndStep_areToldApart() {
    FieldSet set = set("a.b");
    List<PathElement> step = List.of(new PathElement.Field("a"));
    assertFalse(set.has(step));
    assertTrue(set.union(FieldSet.of(step)).has(step));
    assertFalse(set.has(List.of()));
  }

  @Test
  void union_sameNumberInOtherNodes_isOneMember() {
    FieldSet one = FieldSet.of(List.of(new PathElement.Value(IntNode.valueOf(1))));
    FieldSet same = FieldSet.of(List.of(new PathElement.Value(LongNode.valueOf(1))));
    FieldSet also = FieldSet.of(List.of(new PathElement.Value(DoubleNode.valueOf(1.0))));
    assertEquals(1, one.union(same).union(also).size());
    assertEquals(one, also);
    assertEquals(one.hashCode(), also.hashCode());
  }

  @Test
  void paths_everyElement_printsAsPeopleReadIt() {
    PathElement key =
        new PathElement.Key(
            List.of(
                new PathElement.KeyField("port", IntNode.valueOf(80)),
                new PathElement.KeyField("name", StringNode.valueOf("a\"b"))));
    assertEquals(
        ".a[name=\"a\\\"b\",port=80][=\"v\"][7]",
        PathElement.text(
            List.of(
                new PathElement.Field("a"),
                key,
                new PathElement.Value(StringNode.valueOf("v")),
                new PathElement.Index(7))));
  }

  @Test
  void algebra_randomSets_obeysItsLaws() {
    for (long seed = 0; seed < ROUNDS; seed++) {
      RandomTrees random = new RandomTrees(seed);
      FieldSet a = random.fieldSet(4);
      FieldSet b = random.fieldSet(4);
      FieldSet c = random.fieldSet(4);
      String at = "SEED=" + seed;
      assertEquals(a, a.union(a), at);
      assertEquals(a.union(b), b.union(a), at);
      assertEquals(a.union(b).union(c), a.union(b.union(c)), at);
      assertEquals(a.intersection(b), b.intersection(a), at);
      assertEquals(a.intersection(b.union(c)), a.intersection(b).union(a.intersection(c)), at);
      assertEquals(a.difference(b.union(c)), a.difference(b).difference(c), at);
      assertEquals(a, a.difference(b).union(a.intersection(b)), at);
      assertEquals(FieldSet.EMPTY, a.difference(b).intersection(b), at);
      assertEquals(FieldSet.EMPTY, a.difference(a), at);
      assertEquals(a, a.union(b).intersection(a), at);
      assertEquals(a.size() + b.size(), a.union(b).size() + a.intersection(b).size(), at);
      assertEquals(
          a.recursiveDifference(b), a.recursiveDifference(b).intersection(a.difference(b)), at);
      assertEquals(a.leaves(), a.leaves().leaves(), at);
      FieldSet again = FieldSet.EMPTY;
      for (List<PathElement> path : a.paths()) {
        assertTrue(a.has(path), at);
        again = again.union(FieldSet.of(path));
      }
      assertEquals(a, again, at);
      assertEquals(a.hashCode(), again.hashCode(), at);
      assertEquals(a.size(), a.paths().size(), at);
    }
  }

  @Test
  void recursiveDifference_randomSets_leavesNothingBelowTheOther() {
    for (long seed = 0; seed < ROUNDS; seed++) {
      RandomTrees random = new RandomTrees(seed);
      FieldSet a = random.fieldSet(4);
      FieldSet b = random.fieldSet(3);
      FieldSet left = a.recursiveDifference(b);
      for (List<PathElement> path : a.paths()) {
        boolean below = false;
        for (int length = 1; length <= path.size(); length++) {
          below |= b.has(path.subList(0, length));
        }
        assertEquals(!below, left.has(path), "SEED=" + seed);
      }
    }
  }
}
