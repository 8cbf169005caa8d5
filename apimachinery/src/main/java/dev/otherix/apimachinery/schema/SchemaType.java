package dev.otherix.apimachinery.schema;

/// What a value may be. `ANY` is a node whose content the schema does not describe
/// (`x-kubernetes-preserve-unknown-fields` without a type).
public enum SchemaType {
  OBJECT,
  ARRAY,
  STRING,
  INTEGER,
  NUMBER,
  BOOLEAN,
  INT_OR_STRING,
  ANY
}
