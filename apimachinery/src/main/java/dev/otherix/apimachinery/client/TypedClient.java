package dev.otherix.apimachinery.client;

import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// A [ResourceClient] for those who want records. A record need not know every field; so change
/// what others wrote by patch or apply, not by writing a record back.
///
/// @param apiVersion of the objects, such as `otherix/v1`
public record TypedClient<T extends Record>(
    ResourceClient untyped, Class<T> type, String apiVersion, String kind) {

  public T get(ObjectKey key) throws InterruptedException {
    return read(untyped.get(key));
  }

  public Optional<T> find(ObjectKey key) throws InterruptedException {
    return untyped.find(key).map(this::read);
  }

  /// All pages.
  public List<T> list(ListOptions options) throws InterruptedException {
    List<T> all = new ArrayList<>();
    untyped.forEach(options, each -> all.add(read(each)));
    return all;
  }

  public T create(T object) throws InterruptedException {
    return read(untyped.create(write(object)));
  }

  public T apply(T object) throws InterruptedException {
    return read(untyped.apply(write(object)));
  }

  public T read(ObjectNode tree) {
    return Records.read(tree, type);
  }

  public ObjectNode write(T object) {
    return Records.write(apiVersion, kind, object);
  }
}
