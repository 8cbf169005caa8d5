/// What create, update, delete, get, list and watch mean, the same for every kind. Between the
/// endpoints, which know HTTP, and the store, which knows bytes.
@NullMarked
package dev.otherix.apiserver.registry;

import org.jspecify.annotations.NullMarked;
