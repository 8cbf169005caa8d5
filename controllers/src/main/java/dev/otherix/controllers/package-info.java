/// The controllers room.
@NullMarked
package dev.otherix.controllers;

import org.jspecify.annotations.NullMarked;
