// Ids of Azure resources: `/subscriptions/…/providers/Microsoft.Network/virtualNetworks/vnet/subnets/default`.

import { nameOfId } from "@conntrail/engine";
import { asText, field, idOf, type JsonObject, objectsOf } from "./json-field.js";

/** The type that an id names: `Microsoft.Network/virtualNetworks/subnets`. Null: the id names none. */
export function typeOfId(id: string): string | null {
  const [provider, ...path] =
    id
      .split(/\/providers\//i)
      .at(-1)
      ?.split("/") ?? [];
  const types = path.filter((_, index) => index % 2 === 0);
  const complete = /^microsoft\./i.test(provider ?? "") && path.length > 0 && path.length % 2 === 0;
  return complete ? [provider, ...types].join("/") : null;
}

/** From `type`, else from the id. */
export function typeOf(resource: JsonObject): string | null {
  return asText(field(resource, "type")) ?? typeOfId(asText(field(resource, "id")) ?? "");
}

export type Named = { readonly id: string; readonly name: string };

/** Null where the resource has no id. */
export function namedOf(resource: JsonObject): Named | null {
  const id = asText(field(resource, "id"));
  return id === null ? null : { id, name: asText(field(resource, "name")) ?? nameOfId(id) };
}

/** A resource inside another: templates and request bodies show it by its name alone. */
export function namedInside(resource: JsonObject, parent: string, collection: string): Named | null {
  const named = namedOf(resource);
  if (named !== null) return named;
  const name = asText(field(resource, "name"));
  return name === null ? null : { id: `${parent}/${collection}/${name}`, name };
}

/** The id of the resource in which this one is; null where it is in none. */
export function parentOfId(id: string): string | null {
  return /^(.*\/providers\/[^/]+(?:\/[^/]+\/[^/]+)+)\/[^/]+\/[^/]+$/i.exec(id)?.[1] ?? null;
}

/** Of references such as `[{"id": "…"}]`, in order. */
export function idsOf(value: unknown): string[] {
  return objectsOf(value)
    .map(idOf)
    .filter((id) => id !== null)
    .sort();
}
