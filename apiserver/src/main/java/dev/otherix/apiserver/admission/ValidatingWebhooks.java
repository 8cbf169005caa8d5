package dev.otherix.apiserver.admission;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.request.Warnings;
import dev.otherix.apiserver.trace.Spans;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Asks all validating webhooks at once; the first that denies, in order, is the answer.
/// Thread-safe.
public final class ValidatingWebhooks implements Validation {
  private final WebhookDispatch dispatch;

  public ValidatingWebhooks(WebhookDispatch dispatch) {
    this.dispatch = dispatch;
  }

  @Override
  public void validate(Attributes attributes, Warnings warnings) {
    List<Webhook> webhooks = dispatch.webhooks(attributes);
    if (webhooks.isEmpty()) {
      return;
    }
    long began = System.nanoTime();
    List<Future<WebhookDispatch.@Nullable Asked>> questions = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Webhook webhook : webhooks) {
        questions.add(
            threads.submit(
                Spans.elsewhere(() -> dispatch.ask(webhook, attributes, Admission.VALIDATING))));
      }
    }
    warnings.waited(System.nanoTime() - began);
    ApiException refusal = null;
    for (Future<WebhookDispatch.@Nullable Asked> question : questions) {
      ApiException own = result(question, warnings);
      refusal = refusal == null ? own : refusal;
    }
    if (refusal != null) {
      throw refusal;
    }
  }

  /// Why one webhook refuses the write, or null.
  private static @Nullable ApiException result(
      Future<WebhookDispatch.@Nullable Asked> question, Warnings warnings) {
    try {
      WebhookDispatch.Asked asked = question.get();
      if (asked == null) {
        return null;
      }
      asked.answer().warnings().forEach(warnings::add);
      asked.answer().annotations().forEach(warnings::annotate);
      return asked.answer().denial();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ApiException refusal) {
        return refusal;
      }
      throw new IllegalStateException("a webhook's thread failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted where nothing waits", e);
    }
  }
}
