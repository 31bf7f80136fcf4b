// The id of a flow record, the same in every rebuild whatever the order of arrival: `f-` and 13 characters of
// Crockford's base 32.

import { ContentHash } from "../content-hash.js";

export type FlowId = string;

export class FlowIdHash extends ContentHash {
  copy(): FlowIdHash {
    return new FlowIdHash().follow(this);
  }

  finish(): FlowId {
    return `f-${this.base32()}`;
  }
}
