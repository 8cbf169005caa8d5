package dev.otherix.apiserver.storage;

import java.util.List;

/// A part of a list.
///
/// @param revision the state that the page shows; the next page must be asked for at this revision
/// @param remaining how many entries of the list come after this page; 0 only when there are none.
///   For a page of an older revision, an estimate
public record Page(List<Entry> entries, long revision, long remaining) {}
