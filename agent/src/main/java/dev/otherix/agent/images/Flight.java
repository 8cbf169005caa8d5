package dev.otherix.agent.images;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/// A download that is under way, and all who wait for it.
final class Flight {
  private final CompletableFuture<Image> image = new CompletableFuture<>();
  private final List<Consumer<Progress>> listeners = new CopyOnWriteArrayList<>();

  void follow(Consumer<Progress> listener) {
    listeners.add(listener);
  }

  void tell(Progress progress) {
    listeners.forEach(each -> each.accept(progress));
  }

  /// Only the first word about how it ended counts.
  void arrived(Image whole) {
    image.complete(whole);
  }

  void failed(ImageException why) {
    image.completeExceptionally(why);
  }

  Image await(Consumer<Progress> listener) throws InterruptedException {
    follow(listener);
    try {
      return image.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ImageException cause) {
        throw new ImageException(cause.reason(), String.valueOf(cause.getMessage()), cause);
      }
      throw new IllegalStateException("a download ended unexpectedly", e);
    } finally {
      listeners.remove(listener);
    }
  }
}
