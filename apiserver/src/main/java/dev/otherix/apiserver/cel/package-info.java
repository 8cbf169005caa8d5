/// Conditions in the Common Expression Language: rules of custom kinds, match conditions of
/// webhooks. Parsed and type-checked by `dev.cel`, estimated and evaluated here.
@NullMarked
package dev.otherix.apiserver.cel;

import org.jspecify.annotations.NullMarked;
