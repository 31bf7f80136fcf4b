// Flow logs of Azure virtual networks, version 4 (DOMAIN 4.2): `PT1H.json` of storage, its records as JSON lines or in
// arrays, and bare tuples. They are of a virtual network, a subnet or a network interface.

import { hasPorts, type ReportedFlow } from "@conntrail/engine";
import { canonicalJson } from "@conntrail/store";
import { FlowLogFormat, type FlowLogShape, objectsOrNothing, type TupleGroup } from "./azure-flow-log.js";
import type { FlowTuple } from "./azure-flow-tuple.js";
import {
  detailOf,
  firstOwnField,
  letter,
  noDetail,
  type OwnDetail,
  readCounts,
  stateKind,
  type TupleFault,
} from "./azure-tuple-fields.js";
import { beginsWithTuple, readTupleLines } from "./azure-tuple-lines.js";
import { readJsonEvidence } from "./evidence-record.js";
import type { ReportImporter } from "./importer.js";
import { asObject, field, type JsonObject } from "./json-field.js";
import { headRecords } from "./json-head.js";

const category = "FlowLogFlowEvent";
const ownFields = /^\d+,[IO],[BCDE](,(?:[A-Z]\w*)?(,\d*){0,4})?$/;

export const azureVnetFlowLog: ReportImporter = {
  format: "azure-vnet-flow-log",
  title: "flow log of Azure virtual networks",
  recognise: (head) => (headRecords(head).some(isNetworkRecord) ? 0.95 : beginsWithTuple(head, ownFields) ? 0.5 : 0),
  read(evidence, context) {
    const shape = networkShape();
    if (beginsWithTuple(evidence.head, ownFields)) return readTupleLines(evidence, shape, context);
    return readJsonEvidence(evidence, context, new FlowLogFormat(shape, context));
  },
};

function isNetworkRecord(record: JsonObject): boolean {
  return record.category === category || hasGroups(record);
}

function hasGroups(record: JsonObject): boolean {
  return asObject(record.flowRecords) !== null;
}

function networkShape(): FlowLogShape {
  const encryption = new Encryption();
  return {
    sensorKind: "azure-vnet",
    category,
    unit: "milliseconds",
    resourceOf: (record) => field(record, "targetResourceID"),
    hasGroups,
    groupsOf,
    readOwn: (tuple, report) => readOwn(tuple, report, encryption),
  };
}

function* groupsOf(record: JsonObject): Iterable<TupleGroup> {
  const mac = field(record, "macAddress");
  for (const { aclID, flowGroups } of objectsOrNothing(asObject(record.flowRecords)?.flows)) {
    for (const { rule, flowTuples } of objectsOrNothing(flowGroups))
      yield { mac, group: aclID, rule, tuples: flowTuples === null ? [] : flowTuples };
  }
}

const [stateField, encryptionField, countsField] = [firstOwnField, firstOwnField + 1, firstOwnField + 2];

function readOwn(tuple: FlowTuple, report: ReportedFlow, encryption: Encryption): TupleFault | null {
  // A count in the place of the encryption: a field is missing before it.
  if (tuple.fieldCount > countsField + 4 || tuple.beginsWithDigit(encryptionField)) return "fields";
  const state = tuple.letter(stateField);
  const kind = state === letter.D ? "denied" : stateKind(state);
  if (kind === null) return "state";
  report.kind = kind;
  report.verdict = kind === "denied" ? "deny" : "allow";
  report.detail = encryption.detailOf(tuple, report);
  return readCounts(tuple, countsField, report);
}

/** What a tuple says of it, remembered from the one before: most tuples of a file say the same. */
class Encryption {
  #written = "";
  #own: OwnDetail = noDetail;
  #detail = "";

  detailOf(tuple: FlowTuple, report: ReportedFlow): string {
    if (!tuple.isText(encryptionField, this.#written)) this.#remember(tuple.text(encryptionField));
    return hasPorts(report.flow.protocol) ? this.#detail : detailOf(tuple, report, this.#own);
  }

  #remember(written: string): void {
    this.#written = written;
    this.#own = written === "" ? noDetail : { encryption: written };
    this.#detail = written === "" ? "" : canonicalJson(this.#own);
  }
}
