// Calls that make and change managed prefix lists: CloudTrail has request and answer in Pascal case, under their own names.

import { type AwsCall, eventOfCall, problemOfCall, stated } from "./aws-call.js";
import { itemsOf } from "./aws-items.js";
import type { Imported } from "./importer.js";
import { asNumber, asObject, asText, field, type JsonObject } from "./json-field.js";

export function* readCreation(call: AwsCall): Iterable<Imported> {
  const request = asObject(field(call.request, "CreateManagedPrefixListRequest")) ?? call.request;
  const answer = asObject(field(call.response, "CreateManagedPrefixListResponse")) ?? call.response;
  const list = asText(field(asObject(field(answer, "prefixList")), "prefixListId"));
  if (list === null) return yield problemOfCall(call, "missing-field", "the answer names no `prefixListId`");
  const data = { list, prefixes: prefixesOf(request, "Entry"), edition: "1", instant: stated } as const;
  yield eventOfCall(call, { type: "address-list-seen", data });
}

function prefixesOf(request: JsonObject, name: string): string[] {
  const prefixes = itemsOf(field(request, name)).map((entry) => asText(field(entry, "Cidr")));
  return [...new Set(prefixes.filter((prefix) => prefix !== null))].sort();
}

/** Says what is added and removed, and of which version of the list. */
export function* readChange(call: AwsCall): Iterable<Imported> {
  const request = asObject(field(call.request, "ModifyManagedPrefixListRequest")) ?? call.request;
  const list = asText(field(request, "PrefixListId"));
  if (list === null) return yield problemOfCall(call, "missing-field", "the record names no `PrefixListId`");
  const added = prefixesOf(request, "AddEntry");
  const removed = prefixesOf(request, "RemoveEntry");
  if (added.length + removed.length === 0) return;
  const version = asNumber(field(request, "CurrentVersion"));
  const edition = version === null ? null : String(version + 1);
  const data = { list, added, removed, edition, ...call.operation };
  yield eventOfCall(call, { type: "address-list-changed", data });
}
