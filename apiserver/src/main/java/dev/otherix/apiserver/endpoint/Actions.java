package dev.otherix.apiserver.endpoint;

import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.registry.Target;
import dev.otherix.apiserver.request.Call;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// What a POST to a path below an object does, the imperative operations that a kind's schema
/// names; and what a GET of its streams answers. Immutable.
public final class Actions {
  public static final Actions NONE = new Actions(Map.of(), Map.of());

  /// One operation.
  @FunctionalInterface
  public interface Action {
    /// Begins the operation.
    ///
    /// @param body what the client sent, empty when it sent nothing
    /// @return the object that tells how it goes on, as the client gets it with 201
    ObjectNode perform(Call call, Target target, ObjectNode body) throws InterruptedException;
  }

  /// One stream.
  @FunctionalInterface
  public interface Reading {
    /// Opens it.
    Answer open(Call call, Target target) throws InterruptedException;
  }

  private final Map<String, Action> actions;
  private final Map<String, Reading> streams;

  private Actions(Map<String, Action> actions, Map<String, Reading> streams) {
    this.actions = actions;
    this.streams = streams;
  }

  /// @param actions by `plural.group/name`, such as `vms.otherix/start`
  public static Actions of(Map<String, Action> actions) {
    return new Actions(Map.copyOf(actions), Map.of());
  }

  /// @param given as those of [#of]
  public Actions withStreams(Map<String, Reading> given) {
    return new Actions(actions, Map.copyOf(given));
  }

  /// These and one more.
  ///
  /// @param name as for [#of]; that of a kind without a group is like `serviceaccounts/token`
  public Actions with(String name, Action action) {
    Map<String, Action> more = new HashMap<>(actions);
    more.put(name, action);
    return new Actions(Map.copyOf(more), streams);
  }

  /// Whether it can be asked for, so that discovery may name it.
  public boolean has(String group, String plural, String name) {
    String key = plural + "." + group + "/" + name;
    return actions.containsKey(key) || streams.containsKey(key);
  }

  Answer read(Call call, Target target) throws InterruptedException {
    Reading stream = streams.get(target.resource() + "/" + call.route().subresource());
    if (stream == null) {
      throw Router.unknownPath();
    }
    call.requireThread();
    return stream.open(call, target);
  }

  Answer perform(Call call, Target target) throws InterruptedException {
    Action action = actions.get(target.resource() + "/" + call.route().subresource());
    if (action == null) {
      throw Router.unknownPath();
    }
    call.requireThread();
    Output.requirePlain(call);
    return Output.json(201, action.perform(call, target, BodyReader.order(call)));
  }
}
