package dev.otherix.apimachinery.client;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// One page of a list.
///
/// @param items each with its apiVersion and kind
/// @param resourceVersion the revision at which all pages are consistent; a watch goes on from it
/// @param continueToken empty on the last page
/// @param remaining how many objects follow; -1 when the server does not say
public record ListPage(
    List<ObjectNode> items, String resourceVersion, String continueToken, long remaining) {
  public ListPage {
    items = List.copyOf(items);
  }

  public boolean isLast() {
    return continueToken.isEmpty();
  }
}
