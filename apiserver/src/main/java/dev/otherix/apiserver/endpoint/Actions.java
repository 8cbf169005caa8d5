package dev.otherix.apiserver.endpoint;

import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.registry.Target;
import dev.otherix.apiserver.request.Call;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// What a POST to a path below an object does: the imperative operations that a kind's schema
/// names. Immutable.
public final class Actions {
  public static final Actions NONE = new Actions(Map.of());

  /// One operation.
  @FunctionalInterface
  public interface Action {
    /// Begins the operation.
    ///
    /// @param body what the client sent, empty when it sent nothing
    /// @return the object that tells how it goes on, as the client gets it with 201
    ObjectNode perform(Call call, Target target, ObjectNode body) throws InterruptedException;
  }

  private final Map<String, Action> actions;

  private Actions(Map<String, Action> actions) {
    this.actions = actions;
  }

  /// @param actions by `plural.group/name`, such as `vms.otherix/start`
  public static Actions of(Map<String, Action> actions) {
    return new Actions(Map.copyOf(actions));
  }

  /// These and one more.
  ///
  /// @param name as for [#of]; that of a kind without a group is like `serviceaccounts/token`
  public Actions with(String name, Action action) {
    Map<String, Action> more = new HashMap<>(actions);
    more.put(name, action);
    return new Actions(Map.copyOf(more));
  }

  /// Whether the operation can be asked for, so that discovery may name it.
  public boolean has(String group, String plural, String name) {
    return actions.containsKey(plural + "." + group + "/" + name);
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
