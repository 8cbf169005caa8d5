package dev.otherix.e2e.josdk;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// Gives each Widget a ConfigMap per part and a sign in a folder.
@ControllerConfiguration(finalizerName = WidgetReconciler.FINALIZER)
public final class WidgetReconciler implements Reconciler<Widget>, Cleaner<Widget> {
  static final String FINALIZER = "example.io/sign";

  private final Path signs;
  private final InstantSource clock;

  WidgetReconciler(Path signs, InstantSource clock) {
    this.signs = signs;
    this.clock = clock;
  }

  @Override
  public List<EventSource<?, Widget>> prepareEventSources(EventSourceContext<Widget> context) {
    return List.of(
        new InformerEventSource<>(
            InformerEventSourceConfiguration.from(ConfigMap.class, Widget.class).build(), context));
  }

  @Override
  public UpdateControl<Widget> reconcile(Widget widget, Context<Widget> context)
      throws IOException {
    Files.writeString(sign(widget), key(widget) + " is " + widget.getSpec().color);
    for (int i = 0; i < widget.getSpec().parts; i++) {
      context.getClient().resource(part(widget, i)).forceConflicts().serverSideApply();
    }
    removeSurplus(widget, context);
    Condition ready = ready(widget);
    if (widget.getStatus() != null && says(widget.getStatus().conditions.getFirst(), ready)) {
      return UpdateControl.noUpdate();
    }
    widget.setStatus(new Widget.Status());
    widget.getStatus().conditions = List.of(ready);
    return UpdateControl.patchStatus(widget);
  }

  @Override
  public DeleteControl cleanup(Widget widget, Context<Widget> context) {
    try {
      Files.deleteIfExists(sign(widget));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return DeleteControl.defaultDelete();
  }

  private static ConfigMap part(Widget widget, int index) {
    ConfigMap part =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withNamespace(widget.getMetadata().getNamespace())
            .withName(widget.getMetadata().getName() + "-" + index)
            .endMetadata()
            .addToData("color", widget.getSpec().color)
            .build();
    part.addOwnerReference(widget).setController(true);
    return part;
  }

  private static void removeSurplus(Widget widget, Context<Widget> context) {
    int nameLength = widget.getMetadata().getName().length();
    context
        .getSecondaryResourcesAsStream(ConfigMap.class)
        .forEach(part -> {
          String index = part.getMetadata().getName().substring(nameLength + 1);
          if (Integer.parseInt(index) >= widget.getSpec().parts) {
            context.getClient().resource(part).delete();
          }
        });
  }

  private Condition ready(Widget widget) {
    return new ConditionBuilder()
        .withType("Ready")
        .withStatus("True")
        .withObservedGeneration(widget.getMetadata().getGeneration())
        .withLastTransitionTime(clock.instant().truncatedTo(ChronoUnit.SECONDS).toString())
        .withReason("Assembled")
        .withMessage(widget.getSpec().parts + " parts are there")
        .build();
  }

  private static boolean says(Condition present, Condition wanted) {
    return present.getMessage().equals(wanted.getMessage())
        && present.getObservedGeneration().equals(wanted.getObservedGeneration());
  }

  private Path sign(Widget widget) {
    return signs.resolve(widget.getMetadata().getUid());
  }

  private static String key(Widget widget) {
    return widget.getMetadata().getNamespace() + "/" + widget.getMetadata().getName();
  }
}
