package dev.otherix.controllers.runtime;

/// Brings what is into line with what should be, for one key.
///
/// You get a key, never an event, and may be called at any time, also without a change: be
/// idempotent. Read everything you need, then write. Give children names that follow from their
/// owner's, so that a second attempt finds them. What an informer does not have may exist all the
/// same. Clean up by finalizer. Say how far you are in conditions whose reason a person can act on.
///
/// No key is reconciled by two workers at once, and none before the informers have seen what was
/// written for it the last time.
@FunctionalInterface
public interface Reconciler<K> {
  /// @throws Exception to be called again after a while
  Result reconcile(K key) throws Exception;
}
