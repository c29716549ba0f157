// Publish and subscribe: a publication is copied by reference to each subscriber's mailbox; the body is shared and counted
// by the host. A subscriber whose mailbox is full misses it, which its figures count, and holds nobody up.

import type { Host } from "kernel/host";
import type { Mailboxes } from "kernel/mailboxes";

interface Subscription {
  readonly service: number;
  /** The message of the subscription: keeps the type under which copies arrive. */
  readonly handle: number;
  /** Of a former version on whose place another one is on trial. */
  isParked: boolean;
}

export interface Topics {
  /** A second subscription of a service to a topic takes the place of its first. */
  subscribe(topic: number, service: number, handle: number): void;
  /** Ends the parked ones of a service, or the others. */
  unsubscribeAll(service: number, isParked?: boolean): void;
  /** Parked subscriptions get nothing. */
  park(service: number, isParked: boolean): void;
  publish(topic: number, priority: number, handle: number): void;
}

export function createTopics(host: Host, mailboxes: Mailboxes): Topics {
  const subscriptions: Subscription[][] = [];

  function of(topic: number): Subscription[] {
    while (subscriptions.length <= topic) subscriptions.push([]);
    return subscriptions[topic]!;
  }

  return {
    subscribe(topic, service, handle) {
      const isFormer = (each: Subscription): boolean => each.service === service && !each.isParked;
      const former = of(topic).findIndex(isFormer);
      if (former !== -1) host.release(of(topic).splice(former, 1)[0]!.handle);
      of(topic).push({ service, handle, isParked: false });
    },
    unsubscribeAll(service, isParked = false) {
      const isOver = (each: Subscription): boolean => each.service === service && each.isParked === isParked;
      for (let topic = 0; topic < subscriptions.length; topic++) {
        for (const each of of(topic)) if (isOver(each)) host.release(each.handle);
        subscriptions[topic] = of(topic).filter((each) => !isOver(each));
      }
    },
    park(service, isParked) {
      for (const each of subscriptions.flat()) if (each.service === service) each.isParked = isParked;
    },
    publish(topic, priority, handle) {
      const subscribers = of(topic);
      for (let index = 0; index < subscribers.length; index++) {
        const { service, handle: subscription, isParked } = subscribers[index]!;
        if (isParked) continue;
        const copy = host.share(handle, service, subscription);
        if (copy !== 0) mailboxes.enqueue(service, priority, copy);
      }
      host.release(handle);
    },
  };
}
