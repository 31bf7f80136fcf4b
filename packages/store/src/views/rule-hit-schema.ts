// What each rule version did, worked out from flow records, denied attempts, and what neither tells of: no fold keeps it.

import { sql } from "kysely";

export type RuleHitTable = {
  readonly group: string;
  readonly rule: string;
  readonly version: number;
  readonly is_default: number;
  /** Flow records that it admitted, with all that passed by them … */
  readonly flows: number;
  /** … and packets that it let pass without a record. */
  readonly packets: number;
  readonly bytes: number;
  /** Of one source, destination, port and protocol at one interface. */
  readonly attempts: number;
  readonly denied_packets: number;
  /** Of the packets that count here. In microseconds. */
  readonly first: number;
  readonly last: number;
};

export const ruleHitKey = ["group", "rule", "version", "is_default"];

const key = sql`"group", rule, version, is_default`;

/** Circumstances are few, so gates are read once for each, and rows summed up before. */
const admitted = sql`
  select gate.value ->> '$.group' as "group", gate.value ->> '$.rule' as rule, gate.value ->> '$.version' as version,
    gate.value ->> '$.isDefault' as is_default, flows, packets, bytes, 0 as attempts, 0 as denied_packets, first, last
  from (
    select circumstance, count(*) as flows, sum(packets_forward + packets_backward) as packets,
      sum(bytes_forward + bytes_backward) as bytes, min(opened_at) as first, max(last_seen) as last
    from flow_row group by circumstance
  ) cross join flow_circumstance on number = circumstance cross join json_each(gates) as gate
  where decision = 'allow' and gate.value ->> '$.decision' = 'allow' and gate.value ->> '$.rule' is not null`;

const denied = sql`select ${key}, 0, 0, 0, 1, count, first, last from denied`;

const unrecorded = sql`
  select ${key}, 0, passed_packets, passed_bytes, 0, denied_packets, first, last from unrecorded_hit`;

export const ruleHitView = sql`
  select ${key}, sum(flows) as flows, sum(packets) as packets, sum(bytes) as bytes, sum(attempts) as attempts,
    sum(denied_packets) as denied_packets, min(first) as first, max(last) as last
  from (${admitted} union all ${denied} union all ${unrecorded}) group by ${key}`;
