// Reads fields of JSON that somebody else wrote: each reader gives the value where it has the shape, else null.

export type JsonObject = { readonly [key: string]: unknown };

export function asObject(value: unknown): JsonObject | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** The objects of an array; an empty list for anything else. */
export function objectsOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.map(asObject).filter((entry) => entry !== null) : [];
}

/** How many entries `objectsOf` would leave out; something that is there and no array counts as one. */
export function hiddenObjects(value: unknown): number {
  if (Array.isArray(value)) return value.filter((entry) => asObject(entry) === null).length;
  return value === undefined || value === null ? 0 : 1;
}

/** The texts of an array, or of a single text, numbers as text; blank ones are left out. */
export function textsOf(value: unknown): string[] {
  const texts = (Array.isArray(value) ? value : [value]).map(asText);
  return texts.filter((text) => text !== null);
}

/** Whether `textsOf` would leave out something that is there and is no text. */
export function hidesSomething(value: unknown): boolean {
  const entries = Array.isArray(value) ? value : [value];
  return entries.some((entry) => entry !== undefined && entry !== null && !["string", "number"].includes(typeof entry));
}

/** A text that is not empty; a number as text. */
export function asText(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}

/** As messages quote it: the text itself, else its JSON, cut; empty where there is nothing. */
export function quotable(value: unknown): string {
  return asText(value) ?? (value === undefined || value === null ? "" : JSON.stringify(value).slice(0, 60));
}

export function asBoolean(value: unknown): boolean | null {
  return typeof value === "boolean" ? value : null;
}

export function asNumber(value: unknown): number | null {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return typeof value === "string" && /^-?\d+$/.test(value.trim()) ? Number(value) : null;
}

/** The value under the first of the names that is there, whatever its case. */
export function field(object: JsonObject | null, ...names: readonly string[]): unknown {
  if (object === null) return undefined;
  for (const name of names) if (object[name] !== undefined && object[name] !== null) return object[name];
  for (const name of names) {
    const key = Object.keys(object).find((own) => own.toLowerCase() === name.toLowerCase());
    if (key !== undefined && object[key] !== null) return object[key];
  }
  return undefined;
}

/** The `id` of a reference such as `{"id": "/subscriptions/…"}`. */
export function idOf(value: unknown): string | null {
  return asText(field(asObject(value), "id"));
}

/** JSON in a text, or the object itself: bodies come as either. */
export function asEmbedded(value: unknown): JsonObject | null {
  if (typeof value !== "string") return asObject(value);
  try {
    return asObject(JSON.parse(value));
  } catch {
    return null;
  }
}

/** `properties` where the resource has them (ARM, REST), else the resource itself (`az … show` flattens it). */
export function propertiesOf(resource: JsonObject): JsonObject {
  return asObject(resource.properties) ?? resource;
}
