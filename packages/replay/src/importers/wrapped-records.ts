// Records that are wrapped once more: what event hubs, functions and Firehose hand on in arrays or lines is each like a file
// of its own, with an array of records inside.

import { asObject } from "./json-field.js";

const keys: readonly string[] = ["records", "Records", "logEvents"];

/** The records inside a value; the value itself where it wraps none. */
export function unwrapped(value: unknown): readonly unknown[] {
  const object = asObject(value);
  const held = keys.map((key) => object?.[key]).find(Array.isArray);
  return held ?? [value];
}
