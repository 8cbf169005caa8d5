package dev.otherix.apiserver.admission;

/// What is done to an object, in the words of `AdmissionReview`.
public enum Operation {
  CREATE,
  UPDATE,
  DELETE,
  CONNECT
}
