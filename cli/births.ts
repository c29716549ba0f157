// Who has announced itself since we listen. A birth that the broker kept from before is no sign that a node is up now.

import type { BrokerLink } from "cli/broker-link";
import { decodeBirth } from "wire/birth";
import { WireError } from "wire/error";
import { buildFleetFilter, formatNodeName } from "wire/topics";

export interface Births {
  /** How many of the expected nodes did. */
  readonly count: number;
}

export async function watchBirths(link: BrokerLink, site: string, expected: readonly string[]): Promise<Births> {
  const missing = new Set(expected);
  link.receive((_topic, payload, isRetained) => {
    if (!isRetained) missing.delete(bornNode(payload));
  });
  await link.subscribe(buildFleetFilter("birth", site));
  return {
    get count() {
      return expected.length - missing.size;
    },
  };
}

/** "" for what is no birth: anyone can publish on the topic. */
function bornNode(payload: Uint8Array): string {
  try {
    return formatNodeName(decodeBirth(payload));
  } catch (error) {
    if (error instanceof WireError) return "";
    throw error;
  }
}
