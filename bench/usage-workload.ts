export interface BenchEvent {
  readonly transaction_id: string;
  readonly customer_id: string;
  readonly event_type: string;
  readonly timestamp: string;
  readonly properties: { readonly tokens: number; readonly region: string; readonly model: string };
}

const REGIONS = ["eu-west-1", "us-east-1", "us-west-2", "ap-south-1"];
const HOUR_MS = 3_600_000;

/**
 * `count` events of 50 customers over the day before `nowMs`, in the order of their time as a
 * client sends them; one in ten is sent a second time.
 */
export function makeUsage(run: string, count: number, nowMs: number): BenchEvent[] {
  const events: BenchEvent[] = [];
  for (let i = 0; events.length < count; i += 1) {
    const event = {
      transaction_id: `${run}-${i.toString(36).padStart(10, "0")}`,
      customer_id: `customer-${(i * 7) % 50}`,
      event_type: "inference",
      timestamp: new Date(nowMs - 24 * HOUR_MS + (i / count) * 23 * HOUR_MS).toISOString(),
      properties: {
        tokens: (i * 31) % 4096,
        region: REGIONS[i % REGIONS.length] ?? "",
        model: "large-2",
      },
    };
    events.push(event);
    if (i % 9 === 0) events.push(event);
  }
  return events;
}
