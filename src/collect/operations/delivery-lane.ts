/** The kind of the jobs that send events to webhook endpoints. */
export const DELIVER_WEBHOOK = "deliver-webhook";

/**
 * The lane of a delivery: events about one customer reach one endpoint in their order, other
 * customers' events need not wait for them.
 */
export function deliveryLane(endpointId: string, object: object): string {
  const customer: unknown = Reflect.get(object, "customer");
  const kind: unknown = Reflect.get(object, "object");
  const id: unknown = Reflect.get(object, "id");
  if (typeof customer === "string") return `${endpointId}:${customer}`;
  return kind === "customer" ? `${endpointId}:${id}` : endpointId;
}
