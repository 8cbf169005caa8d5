/// Current state and recent changes of one prefix of a store, in memory: what reads, lists and
/// watches are answered from. Knows no kinds and no HTTP.
///
/// A change comes in through [dev.otherix.apiserver.watchcache.Feed], goes into the sorted items,
/// the [dev.otherix.apiserver.watchcache.EventRing] and the buckets of
/// [dev.otherix.apiserver.watchcache.Watchers], is published by one volatile write, and wakes the
/// [dev.otherix.apiserver.watchcache.CacheWatch]es that it may concern.
@NullMarked
package dev.otherix.apiserver.watchcache;

import org.jspecify.annotations.NullMarked;
