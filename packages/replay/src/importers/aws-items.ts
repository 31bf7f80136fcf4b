// Lists as CloudTrail writes them: under `items` or `item`, an empty one `{}`, a single entry sometimes alone (DOMAIN 4.7).

import { asObject, field, type JsonObject, objectsOf, textsOf } from "./json-field.js";

export function itemsOf(value: unknown): JsonObject[] {
  if (Array.isArray(value)) return objectsOf(value);
  const held = asObject(value);
  const listed = field(held, "items", "item");
  if (listed !== undefined) return objectsOf(Array.isArray(listed) ? listed : [listed]);
  return held === null || Object.keys(held).length === 0 ? [] : [held];
}

/** All texts, however deep. */
export function textsInside(value: unknown): string[] {
  const held = asObject(value);
  if (held !== null) return Object.values(held).flatMap(textsInside);
  return Array.isArray(value) ? value.flatMap(textsInside) : textsOf(value);
}
