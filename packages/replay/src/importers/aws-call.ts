// One call of AWS's interface as CloudTrail recorded it (DOMAIN 4.7): what was asked and answered, by whom and when, and
// whether it was done.

import { type Actor, type OperationRecord, parseInstant } from "@conntrail/engine";
import { type EvidenceRecord, eventOf, type Occasion, problemOf, type RecordPlace } from "./evidence-record.js";
import type { Imported, ProblemKind } from "./importer.js";
import { asEmbedded, asObject, asText, field, type JsonObject } from "./json-field.js";

export type AwsCall = {
  readonly place: RecordPlace;
  readonly name: string;
  readonly occasion: Occasion;
  readonly operation: OperationRecord;
  readonly request: JsonObject;
  /** Empty where it failed, and for calls that answer nothing. */
  readonly response: JsonObject;
};

/** Why it can't be read, as text. */
export function callOf({ value, ...place }: EvidenceRecord): AwsCall | string {
  const time = parseInstant(asText(field(value, "eventTime")) ?? "")?.time ?? null;
  if (time === null) return "the record has no readable `eventTime`";
  return {
    place,
    name: asText(field(value, "eventName")) ?? "",
    occasion: { time, actor: actorOf(value) },
    operation: operationOf(value),
    request: asEmbedded(field(value, "requestParameters")) ?? {},
    response: asEmbedded(field(value, "responseElements")) ?? {},
  };
}

/** A call that concerns two accounts is in both trails, under ids of their own and one that they share. */
function operationOf(record: JsonObject): OperationRecord {
  const failed = asText(field(record, "errorCode")) !== null;
  const operationId = asText(field(record, "sharedEventID")) ?? asText(field(record, "eventID"));
  return { phase: failed ? "failed" : "succeeded", operationId, effect: null };
}

/** A service has no name but the one that it was called by; a session is named by the role it took. */
function actorOf(record: JsonObject): Actor {
  const identity = asEmbedded(field(record, "userIdentity"));
  const issuer = asObject(field(asObject(field(identity, "sessionContext")), "sessionIssuer"));
  const named = [
    field(identity, "arn"),
    field(issuer, "arn"),
    field(identity, "userName"),
    field(identity, "invokedBy"),
    field(identity, "principalId", "accountId"),
  ];
  return {
    who: named.map(asText).find((name) => name !== null) ?? null,
    from: asText(field(record, "sourceIPAddress")),
    correlationId: asText(field(record, "requestID")),
  };
}

/** A snapshot that the call itself is: what it made, at its own instant. */
export const stated = "stated";

export function eventOfCall(call: AwsCall, fact: Parameters<typeof eventOf>[1]): Imported {
  return eventOf(call.place, fact, call.occasion);
}

export function problemOfCall({ place, name }: AwsCall, kind: ProblemKind, message: string): Imported {
  return problemOf(place, kind, `\`${name}\`: ${message}`);
}
