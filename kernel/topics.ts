// Publish and subscribe: a publication is copied by reference to each subscriber's mailbox; the body is shared and counted
// by the host. A subscriber whose mailbox is full misses it, which its figures count, and holds nobody up.

import type { Host } from "kernel/host";
import type { Mailboxes } from "kernel/mailboxes";

interface Subscription {
  readonly service: number;
  /** The message of the subscription: keeps the type under which copies arrive. */
  readonly handle: number;
}

export type ParkedSubscriptions = readonly { readonly topic: number; readonly subscription: Subscription }[];

export interface Topics {
  /** A second subscription of a service to a topic takes the place of its first. */
  subscribe(topic: number, service: number, handle: number): void;
  unsubscribeAll(service: number): void;
  /** Takes a service's subscriptions out, whole, for `unpark`. */
  park(service: number): ParkedSubscriptions;
  unpark(parked: ParkedSubscriptions): void;
  /** Ends what was parked. */
  release(parked: ParkedSubscriptions): void;
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
      const former = of(topic).findIndex((subscription) => subscription.service === service);
      if (former === -1) of(topic).push({ service, handle });
      else {
        host.release(of(topic)[former]!.handle);
        of(topic)[former] = { service, handle };
      }
    },
    unsubscribeAll(service) {
      for (let topic = 0; topic < subscriptions.length; topic++) {
        for (const { service: subscriber, handle } of of(topic)) if (subscriber === service) host.release(handle);
        subscriptions[topic] = of(topic).filter((subscription) => subscription.service !== service);
      }
    },
    park(service) {
      const parked = subscriptions.flatMap((each, topic) =>
        each
          .filter((subscription) => subscription.service === service)
          .map((subscription) => ({ topic, subscription })),
      );
      for (let topic = 0; topic < subscriptions.length; topic++)
        subscriptions[topic] = of(topic).filter((subscription) => subscription.service !== service);
      return parked;
    },
    unpark(parked) {
      for (const { topic, subscription } of parked) of(topic).push(subscription);
    },
    release(parked) {
      for (const { subscription } of parked) host.release(subscription.handle);
    },
    publish(topic, priority, handle) {
      const subscribers = of(topic);
      for (let index = 0; index < subscribers.length; index++) {
        const { service, handle: subscription } = subscribers[index]!;
        const copy = host.share(handle, service, subscription);
        if (copy !== 0) mailboxes.enqueue(service, priority, copy);
      }
      host.release(handle);
    },
  };
}
