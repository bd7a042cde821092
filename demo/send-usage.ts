import type { RunningProduct } from "./product.ts";
import type { DemoEvent } from "./scenario.ts";
import { EVENT_TYPE } from "./set-up.ts";

/** As many as one call takes. */
const BATCH = 100;

/** Sends events in batches; `onSent` hears how many have been sent. */
export async function sendUsage(
  { metronome }: RunningProduct,
  events: readonly DemoEvent[],
  onSent: (count: number) => void = () => {},
): Promise<void> {
  for (let start = 0; start < events.length; start += BATCH) {
    const batch = events.slice(start, start + BATCH);
    await metronome.v1.usage.ingest({
      usage: batch.map((event) => ({
        transaction_id: event.transactionId,
        customer_id: event.customer,
        event_type: EVENT_TYPE,
        timestamp: event.timestamp,
        properties: { ...event.properties },
      })),
    });
    onSent(batch.length);
  }
}
