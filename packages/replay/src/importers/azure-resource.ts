// Azure resources as JSON: `az … show` or `list`, ARM REST and `az resource show`, ARM templates. They carry no time of
// their own; the context says when they were taken.

import { groupBy } from "@conntrail/engine";
import { readAccessPolicy } from "./azure-access-policy.js";
import { adminRuleTypes, readAdminRules } from "./azure-admin-rule.js";
import { apiExampleResources, initiateType, isApiExample, readInitiation } from "./azure-api-example.js";
import { isEffectiveRules, readEffectiveRules } from "./azure-effective-rules.js";
import { gatewayTypes, readGateways } from "./azure-gateway.js";
import { readApplicationSecurityGroup, readGroup, readLoneRule } from "./azure-group.js";
import { typeOf } from "./azure-id.js";
import { readInterface, readMachine, readPublicAddress } from "./azure-interface.js";
import { readNatGateway, readNetwork, readRouteTable, readSubnet } from "./azure-network.js";
import { isOfTemplate, isTemplate, literalRecord, templateResources } from "./azure-template.js";
import { type EvidenceRecord, type JsonFormat, noteOf, problemOf, readJsonEvidence } from "./evidence-record.js";
import type { Imported, Importer } from "./importer.js";
import { asObject, asText, field, idOf, type JsonObject, propertiesOf } from "./json-field.js";
import { headRecords, jsonHead } from "./json-head.js";

type Reader = (record: EvidenceRecord) => Iterable<Imported>;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["microsoft.network/networksecuritygroups", readGroup],
  ["microsoft.network/networksecuritygroups/securityrules", readLoneRule],
  ["microsoft.network/applicationsecuritygroups", readApplicationSecurityGroup],
  ["microsoft.network/networkinterfaces", readInterface],
  ["microsoft.network/publicipaddresses", readPublicAddress],
  ["microsoft.network/virtualnetworks", readNetwork],
  ["microsoft.network/virtualnetworks/subnets", readSubnet],
  ["microsoft.network/routetables", readRouteTable],
  ["microsoft.network/natgateways", readNatGateway],
  ["microsoft.compute/virtualmachines", readMachine],
  ["microsoft.security/locations/jitnetworkaccesspolicies", readAccessPolicy],
  [initiateType, readInitiation],
]);

type JointReader = (records: readonly EvidenceRecord[]) => Iterable<Imported>;

/** Types that say something only together: read when the file is through. */
const jointReaders: ReadonlyMap<string, JointReader> = new Map<string, JointReader>([
  ...gatewayTypes.map((type) => [type, readGateways] as const),
  ...adminRuleTypes.map((type) => [type, readAdminRules] as const),
]);

export const azureResource: Importer = {
  format: "azure-resource",
  title: "Azure resources (az network …, ARM templates, just-in-time policies)",
  recognise: (head) => Math.max(0, ...[...jsonHead(head), ...headRecords(head)].map(likeness)),
  read: (evidence, context) => readJsonEvidence(evidence, context, azureFormat()),
};

/** What only resources of Azure have, where the head ends before their id, or nobody wrote one. */
const marks = ["securityRules", "ipConfigurations", "addressSpace", "effectiveSecurityRules"];

function likeness(value: unknown): number {
  const document = asObject(value);
  if (document === null || field(document, "operationName", "values") !== undefined) return 0;
  if (isTemplate(document)) return 0.95;
  const held = resourcesIn(document);
  if (held[0] !== document) return Math.max(0, ...held.map(likeness));
  if (/^\/subscriptions\/.*\/providers\/Microsoft\./i.test(asText(field(document, "id")) ?? "")) return 0.95;
  const isMarked = marks.some((name) => field(propertiesOf(document), name) !== undefined);
  return isMarked ? (hasAzureId(document) ? 0.95 : 0.7) : 0;
}

/** Of what it is associated with. */
function hasAzureId(document: JsonObject): boolean {
  return Object.values(document).some((value) => /^\/subscriptions\//i.test(idOf(value) ?? ""));
}

function azureFormat(): JsonFormat {
  const joint: EvidenceRecord[] = [];
  let isOnePage = false;
  return {
    unfold(value) {
      isOnePage ||= hasNextPage(value);
      return resourcesIn(value);
    },
    *read(found) {
      const record = isOfTemplate(found.value) ? yield* literalRecord(found) : found;
      if (record === null) return;
      if (jointReaders.has(typeKey(record))) joint.push(record);
      else yield* readResource(record);
    },
    *finish() {
      const byReader = groupBy(joint, (record) => jointReaders.get(typeKey(record))!);
      for (const [read, records] of byReader) yield* read(records);
      if (isOnePage) yield { kind: "problem", problem: { kind: "cut-off", record: null, message: onePage } };
    },
  };
}

const onePage = "the answer is one page of several (`skip_token`): ask for the others with `--skip-token`";

function hasNextPage(value: unknown): boolean {
  return asText(field(asObject(value), "skip_token", "$skipToken")) !== null;
}

/** A query of Resource Graph answers with a list under `data`. */
function resourcesIn(value: unknown): readonly unknown[] {
  const document = asObject(value);
  if (document === null) return [value];
  if (isTemplate(document)) return templateResources(document);
  if (isApiExample(document)) return apiExampleResources(document);
  return Array.isArray(document.data) ? document.data : [value];
}

function typeKey({ value }: EvidenceRecord): string {
  return typeOf(value)?.toLowerCase() ?? "";
}

function* readResource(record: EvidenceRecord): Iterable<Imported> {
  const reader = isEffectiveRules(record.value) ? readEffectiveRules : readers.get(typeKey(record));
  if (reader !== undefined) return yield* reader(record);
  const type = typeOf(record.value);
  if (type === null)
    yield problemOf(record, "missing-field", "no Azure resource that conntrail reads: it has no `id` or `type`");
  else yield noteOf(`record ${record.number} is a \`${type}\`, which is not read`);
}
