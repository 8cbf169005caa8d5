package dev.otherix.apiserver.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The checker on histories whose verdict is known. An operation is `asked-answered kind ...`:
/// `create v =r` (written at r), `create v !r` (r is there), `create v ?` (unknown), `update v e
/// =r`, `delete e =r`, `get v r`, `get nothing`.
final class LinearizabilityTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "good | 1-2 create a =5; 3-4 get a 5",
        "good | 1-2 get nothing; 3-4 create a =5",
        "good: overlapping reads may see before and after | 1-9 create a =5; 2-3 get nothing; 4-5 get a 5",
        "bad: read goes back | 1-9 create a =5; 2-3 get a 5; 4-5 get nothing",
        "bad: stale read | 1-2 create a =5; 3-4 update b 5 =6; 5-6 get a 5",
        "bad: lost write | 1-2 create a =5; 3-4 get nothing",
        "bad: phantom | 1-2 create a =5; 3-4 get b 6",
        "bad: wrong revision | 1-2 create a =5; 3-4 get a 6",
        "bad: two creates win | 1-4 create a =5; 2-3 create b =6",
        "good: one create wins | 1-4 create a =5; 2-3 create b !5",
        "bad: refused by nothing | 1-2 create a !5",
        "bad: two updates of one revision win | 1-2 create a =5; 3-6 update b 5 =6; 4-5 update c 5 =7",
        "good: one update wins | 1-2 create a =5; 3-6 update b 5 =6; 4-5 update c 5 !6",
        "bad: refused before the winner began | 1-2 create a =5; 3-4 update c 5 !6; 5-6 update b 5 =6",
        "bad: refused though it expected what is there | 1-2 create a =5; 3-4 update b 5 !5",
        "bad: revision falls | 1-2 create a =5; 3-4 update b 5 =4",
        "bad: revision repeats | 1-2 create a =5; 3-4 delete 5 =6; 5-6 create b =6",
        "good: deleted and made again | 1-2 create a =5; 3-4 delete 5 =6; 5-6 create b =7; 7-8 get b 7",
        "bad: deleted and still there | 1-2 create a =5; 3-4 delete 5 =6; 5-6 get a 5",
        "bad: update of what is gone | 1-2 create a =5; 3-4 delete 5 =6; 5-6 update b 5 =7",
        "good: missing | 1-2 update a 5 !0; 3-4 delete 5 !0",
        "good: nothing was expected and nothing is there | 1-2 update a 0 !0; 3-4 delete 0 !0",
        "bad: missing though there | 1-2 create a =5; 3-4 delete 4 !0",
        "good: unknown happened | 1-0 create a ?; 3-4 get a 5",
        "good: unknown did not happen | 1-0 create a ?; 3-4 get nothing",
        "good: unknown happens late | 1-0 create a ?; 3-4 get nothing; 5-6 get a 5",
        "bad: unknown happens and goes | 1-0 create a ?; 3-4 get a 5; 5-6 get nothing",
        "bad: unknown changes its revision | 1-0 create a ?; 3-4 get a 5; 5-6 get a 6",
        "bad: unknown happens before it was asked | 1-2 get a 5; 3-0 create a ?",
        "bad: unknown happens twice | 1-0 create a ?; 3-4 get a 5; 5-6 delete 5 =6; 7-8 get a 7",
        "good: unknown update, then one on top | 1-2 create a =5; 3-0 update b 5 ?; 5-6 update c 6 =7",
        "good: unknown delete happened | 1-2 create a =5; 3-0 delete 5 ?; 5-6 create b =7",
        "bad: unknown update of another revision | 1-2 create a =5; 3-0 update b 4 ?; 5-6 get b 6",
        "bad: revision below a known one | 1-2 create a =5; 3-0 update b 5 ?; 5-6 get b 4",
      })
  void violation_knownHistory_isFound(String verdict, String history) {
    List<Operation> operations = new ArrayList<>();
    for (String each : history.split(";")) {
      operations.add(operation(each.strip()));
    }
    assertEquals(
        verdict.startsWith("bad"), Linearizability.violation(operations).isPresent(), history);
  }

  @ParameterizedTest
  @CsvSource({"2,8", "8,30", "12,40"})
  void violation_longConcurrentHistory_isDecidedSoon(int clients, int rounds) {
    List<Operation> operations = new ArrayList<>();
    long revision = 1;
    operations.add(operation("0-1 create v =1"));
    for (int round = 0; round < rounds; round++) {
      long begin = 10L * (round + 1);
      for (int client = 1; client < clients; client++) {
        operations.add(
            operation(
                begin
                    + "-"
                    + (begin + 5)
                    + " update c"
                    + client
                    + " "
                    + revision
                    + " !"
                    + (revision + 1)));
      }
      operations.add(
          operation(begin + "-" + (begin + 5) + " update w " + revision + " =" + (revision + 1)));
      revision++;
    }
    assertEquals(false, Linearizability.violation(operations).isPresent());
    operations.add(operation("100000-100001 get w " + (revision - 1)));
    assertEquals(true, Linearizability.violation(operations).isPresent());
  }

  private static Operation operation(String text) {
    String[] words = text.split(" ");
    String[] times = words[0].split("-");
    long asked = Long.parseLong(times[0]);
    long answered = Long.parseLong(times[1]);
    String last = words[words.length - 1];
    Operation.Kind kind = Operation.Kind.valueOf(words[1].toUpperCase(java.util.Locale.ROOT));
    boolean nothing = last.equals("nothing");
    Operation.Answer answer =
        switch (last.charAt(0)) {
          case '?' -> null;
          case '=' -> new Operation.Answer(true, Long.parseLong(last.substring(1)));
          case '!' -> new Operation.Answer(false, Long.parseLong(last.substring(1)));
          default -> new Operation.Answer(false, nothing ? 0 : Long.parseLong(last));
        };
    boolean valued = kind != Operation.Kind.DELETE && !nothing;
    long expected =
        switch (kind) {
          case UPDATE -> Long.parseLong(words[3]);
          case DELETE -> Long.parseLong(words[2]);
          case GET, CREATE -> 0;
        };
    return new Operation(
        kind,
        "/k",
        valued ? words[2] : null,
        expected,
        asked,
        answer == null ? Long.MAX_VALUE : answered,
        answer);
  }
}
