import type { MeteredWindow } from "../../domain/metering/metered-windows.ts";
import { instantText } from "../../domain/time.ts";
import type { LineEvent } from "../../operations/list-line-events.ts";

/** An event behind an amount, as it was sent, with what it adds to the metric. */
export const toLineEventView = ({ event, properties, value, isLate }: LineEvent) => ({
  transaction_id: event.transactionId,
  timestamp: event.position.at,
  event_type: event.eventType,
  properties,
  received_at: event.receivedAt,
  value,
  ...(isLate ? { after_finalization: true } : {}),
});

export const toMeteredWindowView = ({ start, end, eventCount, value }: MeteredWindow) => ({
  starting_at: instantText(start),
  ending_before: instantText(end),
  event_count: eventCount,
  value,
});
