package dev.otherix.controllers.runtime;

import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerStats;
import dev.otherix.apimachinery.meter.Durations;
import dev.otherix.apimachinery.meter.Family;
import dev.otherix.apimachinery.meter.Family.Point;
import dev.otherix.controllers.runtime.ControllerMeter.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/// The metrics of controllers, their queues and their informers, under the names that client-go and
/// controller-runtime give them.
final class RuntimeFamilies {
  private static final String CONTROLLER = "controller";
  private static final String NAME = "name";
  private static final String RECONCILES = "controller_runtime_reconcile_";

  private final List<Controller<?>> controllers;
  private final List<Informer> informers;
  private final Map<String, QueueMeter.Figures> queues = new HashMap<>();
  private final List<Family> all = new ArrayList<>();

  private RuntimeFamilies(List<Controller<?>> controllers, List<Informer> informers) {
    this.controllers = controllers;
    this.informers = informers;
    controllers.forEach(each -> queues.put(each.name(), each.queue().figures()));
  }

  static List<Family> of(List<Controller<?>> controllers, List<Informer> informers) {
    RuntimeFamilies families = new RuntimeFamilies(controllers, informers);
    families.addQueues();
    families.addReconciles();
    families.addInformers();
    return families.all;
  }

  private void addQueues() {
    queue("depth", "Keys that wait now.", Family.Type.GAUGE, each -> each.depth());
    queue("adds_total", "Keys that came.", Family.Type.COUNTER, each -> (double) each.adds());
    queue(
        "retries_total",
        "Keys to be tried again.",
        Family.Type.COUNTER,
        each -> (double) each.retries());
    queue(
        "unfinished_work_seconds",
        "How long the keys in work have been there, together.",
        Family.Type.GAUGE,
        QueueMeter.Figures::unfinishedSeconds);
    queue(
        "longest_running_processor_seconds",
        "How long the longest of them has been there.",
        Family.Type.GAUGE,
        QueueMeter.Figures::longestSeconds);
    queueTimes("queue_duration_seconds", "Keys waited.", QueueMeter.Figures::waits);
    queueTimes("work_duration_seconds", "Keys were in work.", QueueMeter.Figures::works);
  }

  private void queue(
      String name, String help, Family.Type type, ToDoubleFunction<QueueMeter.Figures> value) {
    List<Point> points = new ArrayList<>();
    queues.forEach((queue, figures) ->
        points.add(new Point.Value(List.of(queue), value.applyAsDouble(figures))));
    all.add(new Family("workqueue_" + name, help, type, List.of(NAME), points));
  }

  private void queueTimes(
      String name, String help, Function<QueueMeter.Figures, Durations.Snapshot> times) {
    List<Point> points = new ArrayList<>();
    queues.forEach((queue, figures) ->
        points.add(new Point.Distribution(List.of(queue), times.apply(figures))));
    all.add(new Family("workqueue_" + name, help, Family.Type.HISTOGRAM, List.of(NAME), points));
  }

  private void addReconciles() {
    List<Point> results = new ArrayList<>();
    List<Point> times = new ArrayList<>();
    for (Controller<?> each : controllers) {
      for (Outcome outcome : Outcome.values()) {
        double count = (double) each.meter().of(outcome);
        results.add(new Point.Value(List.of(each.name(), outcome.label()), count));
      }
      times.add(new Point.Distribution(List.of(each.name()), each.meter().times()));
    }
    List<String> labels = List.of(CONTROLLER, "result");
    all.add(new Family(RECONCILES + "total", "Reconciles.", Family.Type.COUNTER, labels, results));
    controller(
        RECONCILES + "errors_total",
        "Reconciles that failed.",
        Family.Type.COUNTER,
        each -> (double) each.meter().of(Outcome.ERROR));
    controller(
        RECONCILES + "panics_total",
        "Reconciles that failed by a mistake in the code.",
        Family.Type.COUNTER,
        each -> (double) each.meter().panics());
    all.add(
        new Family(
            RECONCILES + "time_seconds",
            "How long reconciles took.",
            Family.Type.HISTOGRAM,
            List.of(CONTROLLER),
            times));
    controller(
        "controller_runtime_active_workers",
        "Workers that reconcile now.",
        Family.Type.GAUGE,
        each -> each.meter().active());
    controller(
        "controller_runtime_max_concurrent_reconciles",
        "Workers that there may be.",
        Family.Type.GAUGE,
        Controller::workersMax);
    controller(
        "otherix_controller_stale_looks_total",
        "Reconciles that began before the informers had the controller's own last write.",
        Family.Type.COUNTER,
        each -> (double) each.meter().staleLooks());
  }

  private void controller(
      String name, String help, Family.Type type, ToDoubleFunction<Controller<?>> value) {
    List<Point> points = new ArrayList<>();
    for (Controller<?> each : controllers) {
      points.add(new Point.Value(List.of(each.name()), value.applyAsDouble(each)));
    }
    all.add(new Family(name, help, type, List.of(CONTROLLER), points));
  }

  private void addInformers() {
    informer(
        "reflector_lists_total",
        "How often an informer read everything.",
        Family.Type.COUNTER,
        each -> (double) each.loads());
    informer(
        "reflector_watches_total",
        "How often it began to watch.",
        Family.Type.COUNTER,
        each -> (double) each.streams());
    informer(
        "otherix_informer_failures_total",
        "Requests and streams of informers that failed.",
        Family.Type.COUNTER,
        each -> (double) each.failures());
    informer(
        "otherix_informer_objects", "Objects it knows.", Family.Type.GAUGE, InformerStats::objects);
  }

  private void informer(
      String name, String help, Family.Type type, ToDoubleFunction<InformerStats> value) {
    List<Point> points = new ArrayList<>();
    for (Informer each : informers) {
      String resource = each.resource().groupResource().toString();
      points.add(new Point.Value(List.of(resource), value.applyAsDouble(each.stats())));
    }
    all.add(new Family(name, help, type, List.of(NAME), points));
  }
}
