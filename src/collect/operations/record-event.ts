import type Stripe from "stripe";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import type { WireObject } from "../wire.ts";

/** The closed set of event types that the `stripe` package knows. */
export type EventType = Stripe.Event.Type;

export interface NewEvent {
  /** "invoice.paid" */
  readonly type: EventType;
  /** The rendered object, as it is after the change. */
  readonly object: WireObject & { readonly id?: string };
  /** For *.updated: the old values of what changed. */
  readonly previousAttributes?: Readonly<Record<string, unknown>>;
}

/** The customer whom an object is of, or is. */
function customerOf(object: WireObject & { readonly id?: string }): string | undefined {
  const customer: unknown = Reflect.get(object, "customer");
  if (typeof customer === "string") return customer;
  return object.object === "customer" ? object.id : undefined;
}

/**
 * Records an event as of the scope's moment. It is written with its deliveries when the scope's work
 * is done, in the same transaction.
 */
export function recordEvent(scope: Scope, event: NewEvent): void {
  const { type, object, previousAttributes } = event;
  scope.followUps.events.push({
    id: newId("evt"),
    type,
    createdAt: scope.nowAt,
    objectId: object.id ?? "",
    data: {
      object: { ...object },
      ...(previousAttributes === undefined ? {} : { previous_attributes: previousAttributes }),
    },
    customer: customerOf(object),
  });
}
