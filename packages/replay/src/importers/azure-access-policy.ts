// Just-in-time access policies (Microsoft.Security/locations/jitNetworkAccessPolicies 2020-01-01, DOMAIN 3.1 [A12]) and
// the requests that a policy lists.

import { type AccessPolicyMachine, type AccessPolicyPort, nameOfId } from "@conntrail/engine";
import { readAccessRequests, sourcesOf } from "./azure-access-request.js";
import { withoutId } from "./azure-group.js";
import { namedOf } from "./azure-id.js";
import { parseDurationSeconds } from "./duration.js";
import { type EvidenceRecord, eventOf, problemOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import { asNumber, asText, field, type JsonObject, objectsOf, propertiesOf, quotable } from "./json-field.js";

export function* readAccessPolicy(record: EvidenceRecord): Iterable<Imported> {
  const named = namedOf(record.value);
  if (named === null) return yield problemOf(record, "missing-field", withoutId);
  const properties = propertiesOf(record.value);
  const { machines, wrong } = readPolicyMachines(properties, named.name);
  for (const message of wrong) yield problemOf(record, "malformed", message);
  const { instant } = record.context.taken;
  yield eventOf(record, {
    type: "access-policy-seen",
    data: { policy: named.id, name: named.name, machines, instant },
  });
  yield* readAccessRequests(record, named.id, objectsOf(field(properties, "requests")));
}

export type PolicyReading = { readonly machines: readonly AccessPolicyMachine[]; readonly wrong: readonly string[] };

/** The machines of a policy, in the order of their ids, and what Azure would refuse. */
export function readPolicyMachines(properties: JsonObject, policyName: string): PolicyReading {
  const wrong: string[] = [];
  const machines = objectsOf(field(properties, "virtualMachines")).flatMap((entry) => {
    const machine = asText(field(entry, "id"));
    if (machine === null) wrong.push("a machine of the policy has no `id`: it is left out");
    return machine === null ? [] : [{ machine, ports: portsOf(entry, nameOfId(machine), wrong) }];
  });
  wrong.push(...machines.filter(({ machine }) => policyName.length + nameOfId(machine).length > 56).map(longName));
  return { machines: machines.sort((a, b) => (a.machine < b.machine ? -1 : 1)), wrong };
}

function longName({ machine }: AccessPolicyMachine): string {
  return `machine \`${nameOfId(machine)}\`: its name and the policy's have more than 56 characters, which Azure refuses`;
}

function portsOf(machine: JsonObject, name: string, wrong: string[]): AccessPolicyPort[] {
  const ports = objectsOf(field(machine, "ports")).flatMap((entry) => {
    const port = readPort(entry);
    if (typeof port === "string") wrong.push(`machine \`${name}\`: ${port}; the port is left out`);
    else wrong.push(...brokenPortLimits(port).map((said) => `machine \`${name}\`, port ${port.port}: ${said}`));
    return typeof port === "string" ? [] : [port];
  });
  return ports.sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1));
}

const protocols = new Map([
  ["tcp", "tcp"],
  ["udp", "udp"],
  ["*", "*"],
  ["all", "*"],
] as const);

/** Why it can't be read, as text. */
function readPort(entry: JsonObject): AccessPolicyPort | string {
  const port = asNumber(field(entry, "number"));
  if (port === null || port < 0 || port > 65_535) return `\`${quotable(field(entry, "number"))}\` is no port`;
  const text = asText(field(entry, "protocol"))?.toLowerCase() ?? "*";
  const protocol = [...protocols].find(([word]) => word === text)?.[1];
  if (protocol === undefined) return `protocol \`${text}\` of port ${port} is none of TCP, UDP, \`*\``;
  return { port, protocol, sources: sourcesOf(entry), maxDurationSeconds: durationOf(entry) };
}

function durationOf(entry: JsonObject): number | null {
  return parseDurationSeconds(asText(field(entry, "maxRequestAccessDuration")) ?? "");
}

function brokenPortLimits({ maxDurationSeconds }: AccessPolicyPort): string[] {
  if (maxDurationSeconds === null) return ["it has no `maxRequestAccessDuration` that can be read, such as `PT3H`"];
  const fits = maxDurationSeconds >= 300 && maxDurationSeconds <= 86_400;
  return fits ? [] : ["access may last 5 minutes to 1 day; Azure refuses other durations"];
}
