// The Azure Activity Log, as REST, portal and CLI give it, or as exported to storage and event hubs: JSON lines, an
// array, or under `records` or `value` (DOMAIN 4.3). Each record is an event; policy history joins them into edits.

import { type Actor, isUnreadable, type Micros, type OperationPhase, parseInstant, type Rule } from "@conntrail/engine";
import { readAzureRule } from "./azure-rule.js";
import type { Draft, Evidence, ImportContext, Imported, Importer } from "./importer.js";
import {
  asEmbedded,
  asNumber,
  asObject,
  asText,
  field,
  type JsonObject,
  objectsOf,
  propertiesOf,
  textsOf,
} from "./json-field.js";
import { readJsonRecords } from "./json-records.js";

export const azureActivityLog: Importer = {
  format: "azure-activity-log",
  title: "Azure Activity Log",
  recognise(head) {
    const text = new TextDecoder().decode(head);
    if (!/^[\s\uFEFF]*[[{]/.test(text) || !/"operationName"/.test(text) || /"flowTuples"/.test(text)) return 0;
    return /"(resultType|eventTimestamp|correlationId)"/.test(text) ? 0.95 : 0;
  },
  read: readActivityLog,
};

async function* readActivityLog(evidence: Evidence, context: ImportContext): AsyncIterable<Imported> {
  let count = 0;
  let others = 0;
  for await (const record of readJsonRecords(evidence.content())) {
    count = record.number;
    if (record.kind === "problem") yield problem(record.number, record.message);
    else {
      const read = readRecord(asObject(record.value), record.number, context);
      if (read === "other-operation") others++;
      else yield* read;
    }
  }
  if (others > 0) yield { kind: "note", message: othersText(others) };
  yield { kind: "records", count };
}

function problem(record: number, message: string): Imported {
  return { kind: "problem", problem: { record, message } };
}

const groupPath = "(/subscriptions/.*/providers/microsoft\\.network/networksecuritygroups/[^/]+)";
const rulePattern = new RegExp(`^${groupPath}/securityrules/([^/]+)$`, "i");
const groupPattern = new RegExp(`^${groupPath}$`, "i");

type RecordFact = Pick<Draft, "type" | "data">;
type Reading = { readonly fact: RecordFact } | { readonly wrong: string };

function readRecord(record: JsonObject | null, number: number, context: ImportContext): "other-operation" | Imported[] {
  const operation = nameOf(field(record, "operationName"))?.toLowerCase() ?? null;
  if (record === null || operation === null)
    return [problem(number, "no Activity Log record: it has no `operationName`")];
  const reader = readers.get(operation);
  if (reader === undefined) return "other-operation";
  const time = parseInstant(asText(field(record, "eventTimestamp", "time")) ?? "")?.time ?? null;
  if (time === null) return [problem(number, "the record has no readable `eventTimestamp` or `time`")];
  const phase = phaseOf(record);
  if (phase === null)
    return [problem(number, `the record's status is none that conntrail knows: \`${statusOf(record) ?? ""}\``)];
  const reading = reader(record, phase);
  if ("wrong" in reading) return [problem(number, reading.wrong)];
  return [...unreadableRules(reading.fact, number), eventOf(reading.fact, time, record, number, context)];
}

function eventOf(fact: RecordFact, time: Micros, record: JsonObject, number: number, context: ImportContext): Imported {
  const source = { sha256: context.sha256, record: number };
  return { kind: "event", event: { ...fact, time, lastTime: time, source, actor: actorOf(record) } as Draft };
}

function unreadableRules({ data }: RecordFact, number: number): Imported[] {
  const rules = "rules" in data ? (data.rules ?? []) : "rule" in data && data.rule !== null ? [data.rule] : [];
  return rules
    .filter(isUnreadable)
    .map((rule) =>
      problem(number, `rule \`${rule.name}\`: ${rule.unreadable}; what it might match is answered as unknown`),
    );
}

type Reader = (record: JsonObject, phase: OperationPhase) => Reading;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["microsoft.network/networksecuritygroups/securityrules/write", readRuleWrite],
  ["microsoft.network/networksecuritygroups/securityrules/delete", readRuleDelete],
  ["microsoft.network/networksecuritygroups/write", readGroupWrite],
  ["microsoft.security/locations/jitnetworkaccesspolicies/initiate/action", readAccessRequest],
]);

function readRuleWrite(record: JsonObject, phase: OperationPhase): Reading {
  const target = rulePattern.exec(resourceOf(record));
  if (target === null) return { wrong: noResource };
  const [, group = "", ruleName = ""] = target;
  const body = bodyOf(record, (candidate) => field(propertiesOf(candidate), "access") !== undefined);
  const rule = body === null ? null : readAzureRule(body, ruleName);
  return {
    fact: {
      type: "security-rule-written",
      data: { ...ruleTarget(group, ruleName), rule, ...operationOf(record, phase) },
    },
  };
}

const noResource = "the record's `resourceId` names no security group";

function ruleTarget(group: string, ruleName: string) {
  return { group: group.toLowerCase(), ruleName: ruleName.toLowerCase() };
}

function readRuleDelete(record: JsonObject, phase: OperationPhase): Reading {
  const target = rulePattern.exec(resourceOf(record));
  if (target === null) return { wrong: noResource };
  const [, group = "", ruleName = ""] = target;
  return {
    fact: { type: "security-rule-deleted", data: { ...ruleTarget(group, ruleName), ...operationOf(record, phase) } },
  };
}

function readGroupWrite(record: JsonObject, phase: OperationPhase): Reading {
  const group = groupPattern.exec(resourceOf(record))?.[1];
  if (group === undefined) return { wrong: noResource };
  const body = bodyOf(record, (candidate) => Array.isArray(field(propertiesOf(candidate), "securityRules")));
  const rules = body === null ? null : rulesOf(body);
  return {
    fact: {
      type: "security-group-written",
      data: { group: group.toLowerCase(), rules, ...operationOf(record, phase) },
    },
  };
}

function rulesOf(body: JsonObject): Rule[] {
  const rules = objectsOf(field(propertiesOf(body), "securityRules")).map((raw) => readAzureRule(raw));
  return rules.filter((rule) => rule !== null).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readAccessRequest(record: JsonObject, phase: OperationPhase): Reading {
  const policy = resourceOf(record).replace(/\/initiate(\/action)?$/i, "");
  if (policy === "") return { wrong: "the record has no `resourceId`" };
  const body = bodyOf(record, (candidate) => Array.isArray(field(candidate, "virtualMachines")));
  return {
    fact: {
      type: "access-requested",
      data: {
        policy: policy.toLowerCase(),
        justification: asText(field(body, "justification")),
        grants: body === null ? null : objectsOf(field(body, "virtualMachines")).flatMap(readMachine),
        ...operationOf(record, phase),
      },
    },
  };
}

function readMachine(machine: JsonObject) {
  const id = asText(field(machine, "id"));
  if (id === null) return [];
  return objectsOf(field(machine, "ports")).flatMap((port) => {
    const number = asNumber(field(port, "number"));
    if (number === null) return [];
    const sources = [
      ...textsOf(field(port, "allowedSourceAddressPrefix")),
      ...textsOf(field(port, "allowedSourceAddressPrefixes")),
    ];
    const until = parseInstant(asText(field(port, "endTimeUtc")) ?? "")?.time ?? null;
    return { machine: id, port: number, sources: sources.length === 0 ? null : sources, until };
  });
}

/** `{"value": "…"}` in REST's shape, the text itself in storage's. */
function nameOf(value: unknown): string | null {
  return asText(field(asObject(value), "value") ?? value);
}

function statusOf(record: JsonObject): string | null {
  return nameOf(field(record, "status")) ?? asText(field(record, "resultType"));
}

const phases: ReadonlyMap<string, OperationPhase> = new Map<string, OperationPhase>([
  ["started", "started"],
  ["start", "started"],
  ["accepted", "accepted"],
  ["accept", "accepted"],
  ["succeeded", "succeeded"],
  ["success", "succeeded"],
  ["failed", "failed"],
  ["failure", "failed"],
  ["canceled", "failed"],
  ["cancelled", "failed"],
]);

function phaseOf(record: JsonObject): OperationPhase | null {
  return phases.get(statusOf(record)?.toLowerCase() ?? "") ?? null;
}

/** Created or OK, of the HTTP answer: in `subStatus`, `resultSignature` (`Succeeded.Created`) or `properties.statusCode`. */
function operationOf(record: JsonObject, phase: OperationPhase) {
  const properties = asEmbedded(field(record, "properties"));
  const signature = asText(field(record, "resultSignature"))?.split(".").at(-1) ?? null;
  const said = [nameOf(field(record, "subStatus")), signature, asText(field(properties, "statusCode"))];
  const isOneOf = (...words: readonly string[]) =>
    said.some((word) => word !== null && words.includes(word.toLowerCase()));
  const effect = isOneOf("created", "201") ? "created" : isOneOf("ok", "200") ? "updated" : null;
  return {
    phase,
    operationId: asText(field(record, "operationId")),
    effect: phase === "started" ? null : effect,
  } as const;
}

function resourceOf(record: JsonObject): string {
  const scope = asText(field(asObject(field(record, "authorization")), "scope"));
  return asText(field(record, "resourceId", "_ResourceId")) ?? scope ?? "";
}

/** The first body that fits: what was asked, else what was answered; also one level down, under `eventProperties`. */
function bodyOf(record: JsonObject, fits: (body: JsonObject) => boolean): JsonObject | null {
  const properties = asEmbedded(field(record, "properties"));
  const inner = asEmbedded(field(properties, "eventProperties"));
  for (const holder of [properties, inner]) {
    for (const name of ["requestbody", "responseBody"]) {
      const body = asEmbedded(field(holder, name));
      if (body !== null && fits(body)) return body;
    }
  }
  return null;
}

const nameClaim = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name";
const upnClaim = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn";

function actorOf(record: JsonObject): Actor {
  const claims = asObject(field(asObject(field(record, "identity")), "claims")) ?? asObject(field(record, "claims"));
  const claimed = field(claims, upnClaim, "upn", nameClaim, "name", "appid");
  const request = asEmbedded(field(record, "httpRequest"));
  const from = field(request, "clientIpAddress") ?? field(record, "callerIpAddress") ?? field(claims, "ipaddr");
  return {
    who: asText(field(record, "caller") ?? claimed),
    from: asText(from),
    correlationId: asText(field(record, "correlationId"))?.toLowerCase() ?? null,
  };
}

function othersText(count: number): string {
  return `${count === 1 ? "1 record is" : `${count} records are`} of operations that change no rule and no access`;
}
