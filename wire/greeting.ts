// What a node leaves with the broker when it connects, made from its birth alone, so that birth and death can never
// name different sessions.

import { type Birth, encodeBirth, encodeDeath } from "wire/birth";
import type { Greeting } from "wire/mqtt-action";
import { buildTopic, deliveryRules } from "wire/topics";

export function buildGreeting(birth: Birth): Greeting {
  return {
    birth: { topic: buildTopic(birth, "birth"), payload: encodeBirth(birth), ...deliveryRules.birth },
    will: {
      topic: buildTopic(birth, "death"),
      payload: encodeDeath({ session: birth.session }),
      ...deliveryRules.death,
    },
  };
}
