// Names of AWS resources: the tag `Name` where it says something.

import { asText, field, type JsonObject, objectsOf } from "./json-field.js";

export function nameTag(resource: JsonObject): string | null {
  const tags = objectsOf(field(resource, "Tags", "TagSet"));
  const named = tags.find((tag) => field(tag, "Key") === "Name");
  return named === undefined ? null : asText(field(named, "Value"));
}
