// The order in which the documentation lists the fields of VPC flow logs (DOMAIN 4.6). Lines without a header are read in it
// where every value fits its name: the first fourteen are the default format.

import type { LineFields } from "./line-fields.js";

const anything = /^/;
const address = /^[\da-f.:]*[.:][\da-f.:]*$/i;
const number = /^\d+$/;
const resource = (kind: string) => new RegExp(`^${kind}-`);
const arn = /^arn:/;

/** Each with what its values look like; `-` stands for none of them. */
const columns: readonly (readonly [name: string, value: RegExp])[] = [
  ["version", /^\d{1,2}$/],
  ["account-id", anything],
  ["interface-id", resource("eni")],
  ["srcaddr", address],
  ["dstaddr", address],
  ["srcport", number],
  ["dstport", number],
  ["protocol", number],
  ["packets", number],
  ["bytes", number],
  ["start", number],
  ["end", number],
  ["action", /^(?:ACCEPT|REJECT)$/],
  ["log-status", /^(?:OK|NODATA|SKIPDATA)$/],
  ["vpc-id", resource("vpc")],
  ["subnet-id", resource("subnet")],
  ["instance-id", resource("i")],
  ["tcp-flags", number],
  ["type", /^(?:IPv4|IPv6|EFA)$/],
  ["pkt-srcaddr", address],
  ["pkt-dstaddr", address],
  ["region", /^[a-z]+(?:-[a-z]+)+-\d+$/],
  ["az-id", /-az\d+$/],
  ["sublocation-type", /^[a-z]+$/],
  ["sublocation-id", anything],
  ["pkt-src-aws-service", /^[A-Z\d_-]+$/],
  ["pkt-dst-aws-service", /^[A-Z\d_-]+$/],
  ["flow-direction", /^(?:ingress|egress)$/],
  ["traffic-path", number],
  ["ecs-cluster-arn", arn],
  ["ecs-cluster-name", anything],
  ["ecs-container-instance-arn", arn],
  ["ecs-container-instance-id", anything],
  ["ecs-container-id", anything],
  ["ecs-second-container-id", anything],
  ["ecs-service-name", anything],
  ["ecs-task-definition-arn", arn],
  ["ecs-task-arn", arn],
  ["ecs-task-id", anything],
  ["reject-reason", /^[A-Z]+$/],
  ["resource-id", anything],
  ["encryption-status", number],
];

export const documentedFields: readonly string[] = columns.map(([name]) => name);

/** Version 2: what a flow log has unless its owner chose otherwise. */
export const defaultFieldCount = 14;

/** Whether the values of a line are those of so many fields in this order. */
export function isInDocumentedOrder(fields: LineFields): boolean {
  if (fields.count < defaultFieldCount || fields.count > columns.length) return false;
  for (let index = 0; index < fields.count; index++) {
    const text = fields.text(index);
    if (text !== "-" && !columns[index]![1].test(text)) return false;
  }
  return fields.text(defaultFieldCount - 1) !== "-";
}
