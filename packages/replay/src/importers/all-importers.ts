// Every format that conntrail reads. A new one is added here and nowhere else.

import { awsCloudtrail } from "./aws-cloudtrail.js";
import { awsIpRanges } from "./aws-ip-ranges.js";
import { awsResource } from "./aws-resource.js";
import { awsVpcFlowLog } from "./aws-vpc-flow-log.js";
import { azureActivityLog } from "./azure-activity-log.js";
import { azureNsgFlowLog } from "./azure-nsg-flow-log.js";
import { azureResource } from "./azure-resource.js";
import { azureServiceTags } from "./azure-service-tags.js";
import { azureVnetFlowLog } from "./azure-vnet-flow-log.js";
import { conntrackEvents } from "./conntrack-events.js";
import type { CaptureImporter, Importer, ReportImporter } from "./importer.js";
import { pcap } from "./pcap.js";
import { pcapng } from "./pcapng.js";
import { suricataEve } from "./suricata-eve.js";
import { zeekConnLog } from "./zeek-conn-log.js";

export const captureImporters: readonly CaptureImporter[] = [pcap, pcapng];

export const reportImporters: readonly ReportImporter[] = [
  azureNsgFlowLog,
  azureVnetFlowLog,
  awsVpcFlowLog,
  zeekConnLog,
  suricataEve,
  conntrackEvents,
];

export const allImporters: readonly Importer[] = [
  ...captureImporters,
  ...reportImporters,
  azureActivityLog,
  awsCloudtrail,
  azureResource,
  azureServiceTags,
  awsResource,
  awsIpRanges,
];

export type Rated = { readonly importer: Importer; readonly confidence: number };

export type Recognition = Rated & {
  /** Another importer that is about as sure. */
  readonly rival: Rated | null;
};

const rivalMargin = 0.1;

/** The importer that is surest of this content; null where none knows it. */
export function recognise(head: Uint8Array): Recognition | null {
  const rated = allImporters.map((importer) => ({ importer, confidence: importer.recognise(head) }));
  const [best, second] = rated.filter(({ confidence }) => confidence > 0).sort((a, b) => b.confidence - a.confidence);
  if (best === undefined) return null;
  // A margin of exactly a tenth must not hang on how doubles round.
  const isClose = second !== undefined && best.confidence - second.confidence <= rivalMargin + Number.EPSILON;
  return { ...best, rival: isClose ? second : null };
}

export function importerFor(head: Uint8Array): Importer | null {
  return recognise(head)?.importer ?? null;
}

/** As `importerFor`, of captures alone: a few bytes are enough to tell. */
export function captureImporterFor(head: Uint8Array): CaptureImporter | null {
  return captureImporters.find((importer) => importer.recognise(head) > 0) ?? null;
}
