// The operations of the Activity Log that conntrail follows, by name.

import { accessPolicyWrite, accessRequest } from "./azure-access-operation.js";
import type { Activity, BodyTest } from "./azure-activity.js";
import {
  applicationGroupWrite,
  interfaceWrite,
  networkWrite,
  resourceDeletion,
  subnetWrite,
} from "./azure-network-operation.js";
import { groupWrite, ruleDeletion, ruleWrite } from "./azure-rule-operation.js";
import type { Imported } from "./importer.js";
import type { JsonObject } from "./json-field.js";

export type OperationReader = {
  /** Which body is wanted, the best first; none: the operation has no body. */
  readonly bodies: readonly BodyTest[];
  /** What the record says by itself. */
  read(activity: Activity): Iterable<Imported>;
  /** What it says only with a body, which may stand in another record of the file. */
  readJoined?(activity: Activity, body: JsonObject): Iterable<Imported>;
};

export const operationReaders: ReadonlyMap<string, OperationReader> = new Map<string, OperationReader>([
  ["microsoft.network/networksecuritygroups/securityrules/write", ruleWrite],
  ["microsoft.network/networksecuritygroups/securityrules/delete", ruleDeletion],
  ["microsoft.network/networksecuritygroups/write", groupWrite],
  ["microsoft.network/networksecuritygroups/delete", resourceDeletion],
  ["microsoft.network/applicationsecuritygroups/write", applicationGroupWrite],
  ["microsoft.network/applicationsecuritygroups/delete", resourceDeletion],
  ["microsoft.network/networkinterfaces/write", interfaceWrite],
  ["microsoft.network/networkinterfaces/delete", resourceDeletion],
  ["microsoft.network/virtualnetworks/write", networkWrite],
  ["microsoft.network/virtualnetworks/delete", resourceDeletion],
  ["microsoft.network/virtualnetworks/subnets/write", subnetWrite],
  ["microsoft.network/virtualnetworks/subnets/delete", resourceDeletion],
  ["microsoft.network/routetables/delete", resourceDeletion],
  ["microsoft.network/publicipaddresses/delete", resourceDeletion],
  ["microsoft.security/locations/jitnetworkaccesspolicies/write", accessPolicyWrite],
  ["microsoft.security/locations/jitnetworkaccesspolicies/delete", resourceDeletion],
  ["microsoft.security/locations/jitnetworkaccesspolicies/initiate/action", accessRequest],
]);
