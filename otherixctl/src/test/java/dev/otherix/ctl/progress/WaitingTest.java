package dev.otherix.ctl.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WaitingTest {
  private final StringWriter written = new StringWriter();

  private Waiting waiting(boolean terminal) {
    return new Waiting(
        new Terminal(terminal, terminal, InputStream.nullInputStream()),
        new PrintWriter(written, true),
        "it goes on");
  }

  private static Waiting.Look inTurn(Readiness... states) {
    Deque<Readiness> left = new ArrayDeque<>(List.of(states));
    return () -> left.size() > 1 ? left.removeFirst() : left.getFirst();
  }

  @Test
  void run_piped_writesALinePerChange() throws InterruptedException {
    waiting(false)
        .add(
            "VM/a",
            inTurn(
                new Readiness.Pending("creating"),
                new Readiness.Pending("creating"),
                new Readiness.Ready("running")))
        .run(Duration.ofSeconds(30));
    assertEquals("VM/a: creating\nVM/a: running\n", written.toString());
  }

  @Test
  void run_terminal_drawsOverItsLines() throws InterruptedException {
    waiting(true)
        .add("VM/a", inTurn(new Readiness.Pending("creating"), new Readiness.Ready("running")))
        .run(Duration.ofSeconds(30));
    String text = written.toString();
    assertTrue(text.contains("\u001b[1A\r\u001b[2K\u001b[32m+\u001b[0m VM/a  running"), text);
  }

  @Test
  void run_failedAndLate_tellsWhy() {
    CommandFailure failed =
        assertThrows(
            CommandFailure.class,
            () ->
                waiting(false)
                    .add("VM/a", inTurn(new Readiness.Failed("no disk")))
                    .add("VM/b", inTurn(new Readiness.Ready("running")))
                    .run(Duration.ofSeconds(30)));
    assertEquals(Exit.FAILURE, failed.exit());
    assertEquals("VM/a: no disk", failed.getMessage());
    CommandFailure late =
        assertThrows(
            CommandFailure.class,
            () ->
                waiting(false)
                    .add("VM/a", inTurn(new Readiness.Pending("creating")))
                    .run(Duration.ZERO));
    assertEquals(Exit.TIMEOUT, late.exit());
    assertEquals("timed out after 0s waiting for VM/a creating; it goes on", late.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "VM|{'status':{'phase':'running'}}|Ready[what=running]",
        "VM|{'spec':{'powerState':'Stopped'},'status':{'phase':'stopped'}}|Ready[what=stopped]",
        "VM|{}|Pending[why=pending]",
        "VM|{'metadata':{'generation':2},'status':{'phase':'running','observedGeneration':1}}"
            + "|Pending[why=running]",
        "VM|{'status':{'phase':'pending','reason':'NoNodes','message':'none'}}"
            + "|Pending[why=pending (NoNodes: none)]",
        "VM|{'status':{'phase':'error','reason':'Crashed'}}|Failed[why=error (Crashed)]",
        "VM|{'metadata':{'deletionTimestamp':'t'}}|Failed[why=it is being deleted]",
        "StoragePool|{}|Pending[why=pending]",
        "StoragePool|{'status':{'conditions':[{'type':'Ready','status':'True'}]}}"
            + "|Ready[what=ready]",
        "Network|{}|Ready[what=exists]",
        "Task|{'status':{'phase':'success'}}|Ready[what=success]",
        "Task|{'status':{'phase':'failed','error':{'code':'stop_timeout','message':'m'}}}"
            + "|Failed[why=failed (stop_timeout: m)]",
      })
  void readiness_ofAnObject(String kind, String json, String expected) {
    String quoted = json.replace('\'', '"');
    var object = Json.parseObject(quoted);
    object.put("apiVersion", "otherix/v1").put("kind", kind);
    assertEquals(expected, Readiness.of(object).toString());
  }
}
