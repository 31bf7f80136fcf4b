// The calls in CloudTrail that conntrail follows, by name.

import type { AwsCall } from "./aws-call.js";
import * as group from "./aws-group-operation.js";
import * as networkInterface from "./aws-interface-operation.js";
import * as acl from "./aws-network-acl-operation.js";
import * as list from "./aws-prefix-list-operation.js";
import type { Imported } from "./importer.js";

export type AwsCallReader = {
  /** Whether it makes something: where it failed there is nothing to tell of. */
  readonly creates: boolean;
  read(call: AwsCall): Iterable<Imported>;
};

const changes = (read: AwsCallReader["read"]): AwsCallReader => ({ creates: false, read });
const creates = (read: AwsCallReader["read"]): AwsCallReader => ({ creates: true, read });

export const awsCallReaders: ReadonlyMap<string, AwsCallReader> = new Map([
  ["CreateSecurityGroup", creates(group.readCreation)],
  ["DeleteSecurityGroup", changes(group.readDeletion)],
  ["AuthorizeSecurityGroupIngress", changes(group.readAuthorization)],
  ["AuthorizeSecurityGroupEgress", changes(group.readAuthorization)],
  ["RevokeSecurityGroupIngress", changes(group.readRevocation)],
  ["RevokeSecurityGroupEgress", changes(group.readRevocation)],
  ["ModifySecurityGroupRules", changes(group.readModification)],
  ["CreateNetworkInterface", creates(networkInterface.readCreation)],
  ["RunInstances", creates(networkInterface.readLaunch)],
  ["ModifyNetworkInterfaceAttribute", changes(networkInterface.readChange)],
  ["ModifyInstanceAttribute", changes(networkInterface.readMachineChange)],
  ["AssignPrivateIpAddresses", changes(networkInterface.readAssignment)],
  ["UnassignPrivateIpAddresses", changes(networkInterface.readAssignment)],
  ["AssignIpv6Addresses", changes(networkInterface.readAssignment)],
  ["UnassignIpv6Addresses", changes(networkInterface.readAssignment)],
  ["DeleteNetworkInterface", changes(networkInterface.readDeletion)],
  ["TerminateInstances", changes(networkInterface.readTermination)],
  ["CreateNetworkAcl", creates(acl.readCreation)],
  ["DeleteNetworkAcl", changes(acl.readDeletion)],
  ["CreateNetworkAclEntry", changes(acl.readEntryCreation)],
  ["ReplaceNetworkAclEntry", changes(acl.readEntryReplacement)],
  ["DeleteNetworkAclEntry", changes(acl.readEntryDeletion)],
  ["ReplaceNetworkAclAssociation", changes(acl.readAssociation)],
  ["CreateManagedPrefixList", creates(list.readCreation)],
  ["ModifyManagedPrefixList", changes(list.readChange)],
]);
