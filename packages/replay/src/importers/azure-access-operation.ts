// Operations of the Activity Log on just-in-time access: policies written, access requested (DOMAIN 3.5 [A11]).

import { nameOfId } from "@conntrail/engine";
import { readPolicyMachines } from "./azure-access-policy.js";
import { requestedAccesses } from "./azure-access-request.js";
import type { BodyTest } from "./azure-activity.js";
import type { OperationReader } from "./azure-operation.js";
import { eventOf, problemOf } from "./evidence-record.js";
import { asText, field, propertiesOf } from "./json-field.js";

const isRequest: BodyTest = (body) => Array.isArray(field(body, "virtualMachines"));
const isPolicy: BodyTest = (body) => Array.isArray(field(propertiesOf(body), "virtualMachines"));

export const accessRequest: OperationReader = {
  bodies: [isRequest],
  *read(activity) {
    const policy = activity.target.replace(/\/initiate(\/action)?$/i, "");
    if (policy === "") return yield problemOf(activity.place, "missing-field", "the record has no `resourceId`");
    const { body, refusal, operation } = activity;
    const data = {
      policy: policy.toLowerCase(),
      justification: asText(field(body, "justification")),
      grants: body === null ? null : requestedAccesses(body),
      ...operation,
      ...(refusal === null ? {} : { refusal }),
    };
    yield eventOf(activity.place, { type: "access-requested", data }, activity.occasion);
  },
};

export const accessPolicyWrite: OperationReader = {
  bodies: [isPolicy],
  *read(activity) {
    const policy = activity.target.toLowerCase();
    const { body, operation } = activity;
    const reading = body === null ? null : readPolicyMachines(propertiesOf(body), nameOfId(policy));
    const wrong = operation.phase === "failed" ? [] : (reading?.wrong ?? []);
    for (const message of wrong) yield problemOf(activity.place, "malformed", message);
    const data = { policy, machines: reading?.machines ?? null, ...operation };
    yield eventOf(activity.place, { type: "access-policy-written", data }, activity.occasion);
  },
};
