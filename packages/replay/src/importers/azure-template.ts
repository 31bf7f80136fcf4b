// Resources of an ARM template, as far as it says them literally. A template knows neither subscription nor resource
// group, so its resources get ids that begin with `/providers/`. Expressions are for Azure to work out: named, not read.

import { type EvidenceRecord, problemOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import { asObject, asText, field, type JsonObject, objectsOf } from "./json-field.js";

export function isTemplate(document: JsonObject): boolean {
  return /deploymentTemplate\.json/i.test(asText(document.$schema) ?? "");
}

/** All resources, those inside others too, each with an id made of its type and name. */
export function templateResources(template: JsonObject): JsonObject[] {
  return resourcesIn(template, null);
}

type Parent = { readonly type: string; readonly name: string } | null;

function resourcesIn(holder: JsonObject, parent: Parent): JsonObject[] {
  const listed = field(holder, "resources");
  const resources = objectsOf(Array.isArray(listed) ? listed : Object.values(asObject(listed) ?? {}));
  return resources.flatMap((resource) => {
    const own = placeOf(resource, parent);
    const inside = resourcesIn(resource, own);
    return [{ ...resource, ...own, id: templateId(own) }, ...inside];
  });
}

/** A child may be named in full, or by its last part alone. */
function placeOf(resource: JsonObject, parent: Parent): { type: string; name: string } {
  const type = asText(field(resource, "type")) ?? "";
  const name = asText(field(resource, "name")) ?? "";
  if (parent === null || type.includes(".")) return { type, name };
  return { type: `${parent.type}/${type}`, name: `${parent.name}/${name}` };
}

function templateId({ type, name }: { readonly type: string; readonly name: string }): string {
  const [provider, ...types] = type.split("/");
  const names = isExpression(name) ? [name] : name.split("/");
  return `/providers/${[provider, ...types.flatMap((part, index) => [part, names[index] ?? ""])].join("/")}`;
}

/** Azure's own ids begin with the subscription. */
export function isOfTemplate(resource: JsonObject): boolean {
  return /^\/providers\//i.test(asText(field(resource, "id")) ?? "");
}

/** The record without the expressions it holds, each told. Null: its name is one, so nobody knows which resource it is. */
export function* literalRecord(record: EvidenceRecord): Generator<Imported, EvidenceRecord | null> {
  const { id: _, ...resource } = record.value;
  const told: string[] = [];
  const value = withoutExpressions(resource, "", { told, inRule: false }) as JsonObject;
  for (const expression of told)
    yield problemOf(record, "unresolved-expression", `${expression}: deploy the template and export the resource`);
  if (asText(value.name) === null) return null;
  return { ...record, value: { ...value, id: record.value.id } };
}

type Found = {
  /** Each told with the field it stands in. */
  readonly told: string[];
  /** A rule keeps its expressions: it is then one that can't be read, and never one that has no such field. */
  readonly inRule: boolean;
};

function withoutExpressions(value: unknown, path: string, found: Found): unknown {
  if (isExpression(value)) {
    found.told.push(`\`${path}\` is the expression \`${value}\``);
    return found.inRule ? value : undefined;
  }
  if (Array.isArray(value)) {
    return value.map((entry, index) => withoutExpressions(entry, `${path}[${index}]`, found)).filter(isLeft);
  }
  const object = asObject(value);
  if (object === null) return value;
  const inside = { ...found, inRule: found.inRule || "access" in object };
  const entries = Object.entries(object).map(([key, entry]) => {
    return [key, withoutExpressions(entry, path === "" ? key : `${path}.${key}`, inside)] as const;
  });
  return Object.fromEntries(entries.filter(([, entry]) => isLeft(entry)));
}

function isLeft(value: unknown): boolean {
  return value !== undefined;
}

/** `[concat('a', 'b')]`; `[[text]` is the text `[text]`. */
function isExpression(value: unknown): boolean {
  return typeof value === "string" && /^\[(?!\[).*\]$/s.test(value.trim());
}
