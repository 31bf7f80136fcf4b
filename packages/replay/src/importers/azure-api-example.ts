// Examples of calls as Azure's REST specifications publish them: `parameters` beside `responses`. What a call answered is
// read like an export; what an initiate call answered is a request for access.

import { readAccessRequests } from "./azure-access-request.js";
import { type EvidenceRecord, problemOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import { asObject, asText, field, type JsonObject, objectsOf } from "./json-field.js";

export function isApiExample(document: JsonObject): boolean {
  return asObject(document.parameters) !== null && asObject(document.responses) !== null;
}

export const initiateType = "microsoft.security/locations/jitnetworkaccesspolicies/initiate";

/** The resources that the call answered. */
export function apiExampleResources({ parameters, responses }: JsonObject): JsonObject[] {
  const asked = asObject(parameters);
  return Object.values(asObject(responses) ?? {}).flatMap((response) => {
    const body = asObject(field(asObject(response), "body"));
    if (body === null) return [];
    if (field(asked, "jitNetworkAccessPolicyInitiateType") !== undefined) return [initiation(asked, body)];
    return Array.isArray(body.value) ? objectsOf(body.value) : [body];
  });
}

function initiation(asked: JsonObject | null, body: JsonObject): JsonObject {
  const part = (name: string) => asText(field(asked, name)) ?? "";
  const place = `/subscriptions/${part("subscriptionId")}/resourceGroups/${part("resourceGroupName")}`;
  const policy = `locations/${part("ascLocation")}/jitNetworkAccessPolicies/${part("jitNetworkAccessPolicyName")}`;
  return { type: initiateType, id: `${place}/providers/Microsoft.Security/${policy}`, request: body };
}

export function* readInitiation(record: EvidenceRecord): Iterable<Imported> {
  const policy = asText(field(record.value, "id"));
  const request = asObject(field(record.value, "request"));
  if (policy === null || request === null) return yield problemOf(record, "missing-field", "the request has no body");
  yield* readAccessRequests(record, policy, [request]);
}
