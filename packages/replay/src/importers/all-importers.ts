// Every format that conntrail reads. A new one is added here and nowhere else.

import { awsCloudtrail } from "./aws-cloudtrail.js";
import { awsIpRanges } from "./aws-ip-ranges.js";
import { awsResource } from "./aws-resource.js";
import { azureActivityLog } from "./azure-activity-log.js";
import { azureResource } from "./azure-resource.js";
import { azureServiceTags } from "./azure-service-tags.js";
import { conntrackEvents } from "./conntrack-events.js";
import type { CaptureImporter, Importer } from "./importer.js";
import { pcap } from "./pcap.js";
import { pcapng } from "./pcapng.js";
import { suricataEve } from "./suricata-eve.js";
import { zeekConnLog } from "./zeek-conn-log.js";

export const captureImporters: readonly CaptureImporter[] = [pcap, pcapng];

export const allImporters: readonly Importer[] = [
  ...captureImporters,
  azureActivityLog,
  awsCloudtrail,
  azureResource,
  azureServiceTags,
  awsResource,
  awsIpRanges,
  zeekConnLog,
  suricataEve,
  conntrackEvents,
];

/** The importer that is surest of this content; null where none knows it. */
export function importerFor(head: Uint8Array): Importer | null {
  const rated = allImporters.map((importer) => ({ importer, confidence: importer.recognise(head) }));
  const best = rated.reduce((a, b) => (b.confidence > a.confidence ? b : a));
  return best.confidence > 0 ? best.importer : null;
}

/** As `importerFor`, of captures alone: a few bytes are enough to tell. */
export function captureImporterFor(head: Uint8Array): CaptureImporter | null {
  return captureImporters.find((importer) => importer.recognise(head) > 0) ?? null;
}
