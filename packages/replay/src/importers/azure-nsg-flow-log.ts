// Flow logs of Azure network security groups, versions 1 and 2 (DOMAIN 4.1): `PT1H.json` of storage, its records as JSON
// lines or in arrays, and bare tuples.

import type { ReportedFlow } from "@conntrail/engine";
import { FlowLogFormat, type FlowLogShape, objectsOrNothing, type TupleGroup } from "./azure-flow-log.js";
import type { FlowTuple } from "./azure-flow-tuple.js";
import {
  detailOf,
  firstOwnField,
  letter,
  noDetail,
  readCounts,
  stateKind,
  type TupleFault,
} from "./azure-tuple-fields.js";
import { beginsWithTuple, readTupleLines } from "./azure-tuple-lines.js";
import { readJsonEvidence } from "./evidence-record.js";
import type { ReportImporter } from "./importer.js";
import { asObject, field, type JsonObject } from "./json-field.js";
import { headRecords } from "./json-head.js";

const shape: FlowLogShape = {
  sensorKind: "azure-nsg",
  category: "NetworkSecurityGroupFlowEvent",
  unit: "seconds",
  resourceOf: (record) => field(record, "resourceId"),
  hasGroups,
  groupsOf,
  readOwn,
};

const ownFields = /^[A-Za-z]\w*,[IO],[AD](,[BCE]?(,\d*){0,4})?$/;

export const azureNsgFlowLog: ReportImporter = {
  format: "azure-nsg-flow-log",
  title: "flow log of Azure network security groups",
  recognise: (head) => (headRecords(head).some(isGroupRecord) ? 0.95 : beginsWithTuple(head, ownFields) ? 0.5 : 0),
  read(evidence, context) {
    if (beginsWithTuple(evidence.head, ownFields)) return readTupleLines(evidence, shape, context);
    return readJsonEvidence(evidence, context, new FlowLogFormat(shape, context));
  },
};

function isGroupRecord(record: JsonObject): boolean {
  return record.category === shape.category || hasGroups(record);
}

function hasGroups(record: JsonObject): boolean {
  return Array.isArray(asObject(record.properties)?.flows);
}

function* groupsOf(record: JsonObject): Iterable<TupleGroup> {
  const group = field(record, "resourceId");
  for (const { rule, flows } of objectsOrNothing(asObject(record.properties)?.flows)) {
    for (const { mac, flowTuples } of objectsOrNothing(flows))
      yield { mac, group, rule, tuples: flowTuples === null ? [] : flowTuples };
  }
}

const [decisionField, stateField, countsField] = [firstOwnField, firstOwnField + 1, firstOwnField + 2];

/** Version 1 ends with the decision; version 2 goes on with state and counts. */
function readOwn(tuple: FlowTuple, report: ReportedFlow): TupleFault | null {
  if (tuple.fieldCount > countsField + 4) return "fields";
  const decision = tuple.letter(decisionField);
  if (decision !== letter.A && decision !== letter.D) return "decision";
  const isDenied = decision === letter.D;
  const kind = stateKindOf(tuple, isDenied);
  if (kind === null) return "state";
  report.kind = isDenied ? "denied" : kind;
  report.verdict = isDenied ? "deny" : "allow";
  // Denied flows are logged with state `B`; any other is worth keeping.
  report.detail = detailOf(tuple, report, isDenied && kind !== "opened" ? { state: tuple.text(stateField) } : noDetail);
  return readCounts(tuple, countsField, report);
}

function stateKindOf(tuple: FlowTuple, isDenied: boolean) {
  const mayLack = isDenied || tuple.fieldCount === stateField;
  return mayLack && tuple.isEmpty(stateField) ? "opened" : stateKind(tuple.letter(stateField));
}
