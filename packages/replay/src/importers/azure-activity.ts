// One record of the Azure Activity Log, whichever way it was exported (DOMAIN 4.3): what it is about, how far the operation
// got, who did it and when, and the body that the operation was sent or answered with.

import { type Actor, groupBy, type OperationPhase, type OperationRecord } from "@conntrail/engine";
import { azureInstant } from "./azure-time.js";
import type { EvidenceRecord, Occasion, RecordPlace } from "./evidence-record.js";
import { asEmbedded, asObject, asText, field, type JsonObject, quotable } from "./json-field.js";

export type Activity = {
  readonly place: RecordPlace;
  /** Id of the resource, as written. */
  readonly target: string;
  readonly occasion: Occasion;
  readonly operation: OperationRecord;
  readonly body: JsonObject | null;
  /** Why it failed, where the record says. */
  readonly refusal: string | null;
};

/** Whether a body is the one wanted. */
export type BodyTest = (body: JsonObject) => boolean;

/** The operation's name in lower case; null where the record is none of an Activity Log. */
export function operationName(record: JsonObject): string | null {
  return wordOf(field(record, "OperationNameValue", "operationName"))?.toLowerCase() ?? null;
}

/** Of Log Analytics, where `OperationName` is for people, and parts stand as text, or once more in a column `…_d`. */
function partOf(record: JsonObject, name: string): JsonObject | null {
  return asEmbedded(field(record, name)) ?? asEmbedded(field(record, `${name}_d`));
}

/** Why it can't be read, as text. The body is the first that passes the first of the tests that any passes. */
export function activityOf({ value, ...place }: EvidenceRecord, tests: readonly BodyTest[]): Activity | string {
  const time = azureInstant(writtenTime(value));
  if (time === null)
    return `the record has no readable \`eventTimestamp\`, \`time\` or \`TimeGenerated\`${seen(value)}`;
  const phase = phases.get(statusOf(value)?.toLowerCase() ?? "");
  if (phase === undefined) return `the record's status is none that conntrail knows: \`${statusOf(value) ?? ""}\``;
  return {
    place,
    target: targetOf(value),
    occasion: { time, actor: actorOf(value) },
    operation: operationOf(value, phase),
    body: tests.map((test) => bodiesOf(value).find(test)).find((body) => body !== undefined) ?? null,
    refusal: phase === "failed" ? refusalOf(value) : null,
  };
}

/** When it happened, as written. */
export function writtenTime(record: JsonObject): unknown {
  return field(record, "eventTimestamp", "time", "TimeGenerated");
}

function seen(record: JsonObject): string {
  const written = quotable(writtenTime(record));
  return written === "" ? "" : `: \`${written}\``;
}

/** `{"value": "…"}` in REST's shape, the text itself in storage's. */
function wordOf(value: unknown): string | null {
  return asText(field(asObject(value), "value") ?? value);
}

function statusOf(record: JsonObject): string | null {
  return wordOf(field(record, "status")) ?? asText(field(record, "resultType", "ActivityStatusValue"));
}

const phases: ReadonlyMap<string, OperationPhase> = new Map<string, OperationPhase>([
  ["started", "started"],
  ["start", "started"],
  ["accepted", "accepted"],
  ["accept", "accepted"],
  ["in progress", "accepted"],
  ["inprogress", "accepted"],
  ["succeeded", "succeeded"],
  ["success", "succeeded"],
  ["failed", "failed"],
  ["failure", "failed"],
  ["canceled", "failed"],
  ["cancelled", "failed"],
]);

/** Created or OK, of the HTTP answer: in `subStatus`, `resultSignature` (`Succeeded.Created`) or `properties.statusCode`. */
function operationOf(record: JsonObject, phase: OperationPhase): OperationRecord {
  const properties = partOf(record, "properties");
  const signature = asText(field(record, "resultSignature"))?.split(".").at(-1) ?? null;
  const subStatus = wordOf(field(record, "subStatus", "ActivitySubstatusValue"));
  const said = [subStatus, signature, asText(field(properties, "statusCode"))];
  const isOneOf = (...words: readonly string[]) =>
    said.some((word) => word !== null && words.includes(word.toLowerCase()));
  const effect = isOneOf("created", "201") ? "created" : isOneOf("ok", "200") ? "updated" : null;
  return { phase, operationId: asText(field(record, "operationId")), effect: phase === "started" ? null : effect };
}

function targetOf(record: JsonObject): string {
  const scope = asText(field(partOf(record, "authorization"), "scope"));
  return asText(field(record, "resourceId", "_ResourceId")) ?? scope ?? "";
}

/** What was asked before what was answered; also one level down, in exports under `eventProperties`, of PowerShell `Content`. */
function bodiesOf(record: JsonObject): JsonObject[] {
  const properties = partOf(record, "properties");
  const holders = [properties, ...["eventProperties", "Content"].map((name) => asEmbedded(field(properties, name)))];
  const bodies = holders.flatMap((holder) => ["requestbody", "responseBody"].map((name) => field(holder, name)));
  return bodies.map(asEmbedded).filter((body) => body !== null);
}

/** The error's own words, where there is one: `{"error": {"code": "…", "message": "…"}}`; else the HTTP answer. */
function refusalOf(record: JsonObject): string | null {
  const properties = partOf(record, "properties");
  const status = field(properties, "statusMessage", "message");
  const outer = asEmbedded(status);
  const error = asObject(field(outer, "error")) ?? outer;
  const words =
    asText(field(error, "message")) ?? (outer === null ? asText(status) : null) ?? asText(field(error, "code"));
  return (
    words ?? asText(field(record, "resultDescription")) ?? wordOf(field(record, "subStatus", "ActivitySubstatusValue"))
  );
}

const nameClaim = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name";
const upnClaim = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn";

function actorOf(record: JsonObject): Actor {
  const claims = asObject(field(partOf(record, "identity"), "claims")) ?? partOf(record, "claims");
  const claimed = field(claims, upnClaim, "upn", nameClaim, "name", "appid");
  const request = asEmbedded(field(record, "httpRequest"));
  const from = field(request, "clientIpAddress") ?? field(record, "callerIpAddress") ?? field(claims, "ipaddr");
  return {
    who: asText(field(record, "caller") ?? claimed),
    from: asText(from),
    correlationId: asText(field(record, "correlationId"))?.toLowerCase() ?? null,
  };
}

/**
 * The body of an activity: its own, else that of another record of the same operation on the same target. Of several the
 * first that passes the first of the tests.
 */
export class OperationBodies {
  readonly #byOperation: ReadonlyMap<string, readonly Activity[]>;
  readonly #byCorrelation: ReadonlyMap<string, readonly Activity[]>;

  constructor(activities: readonly Activity[]) {
    this.#byOperation = groupBy(activities, operationKey);
    this.#byCorrelation = groupBy(activities, correlationKey);
  }

  find(activity: Activity, tests: readonly BodyTest[]): JsonObject | null {
    const together = [activity, ...this.#recordsOf(activity)];
    const bodies = together.map(({ body }) => body).filter((body) => body !== null);
    return tests.map((test) => bodies.find(test)).find((body) => body !== undefined) ?? null;
  }

  /** A correlation may hold several operations on one target: ids tell them apart where both records have one. */
  #recordsOf(activity: Activity): readonly Activity[] {
    const { operationId } = activity.operation;
    const correlated =
      activity.occasion.actor?.correlationId == null ? [] : (this.#byCorrelation.get(correlationKey(activity)) ?? []);
    if (operationId === null) return correlated;
    const own = this.#byOperation.get(operationKey(activity)) ?? [];
    return [...own, ...correlated.filter((other) => other.operation.operationId === null)];
  }
}

function operationKey({ target, operation }: Activity): string {
  return `${target.toLowerCase()} ${operation.operationId}`;
}

function correlationKey({ target, occasion }: Activity): string {
  return `${target.toLowerCase()} ${occasion.actor?.correlationId}`;
}
