import type { CoreTransaction } from "../db/database.ts";
import type { AlertTrigger } from "../db/tables/alerts.ts";
import type { Alert } from "../domain/alerts/alert.ts";
import type { Crossing } from "../domain/alerts/decide-crossings.ts";
import type { ReadingFacts } from "../domain/alerts/reading.ts";
import type { Decimal } from "../domain/decimal.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import { instantText } from "../domain/time.ts";
import { alertWebhook } from "../domain/webhooks/types.ts";
import type { OperationContext } from "./context.ts";
import { sendWebhook } from "./send-webhook.ts";

/** What each fact is called in the message. */
const FACT_NAMES = {
  spend: "current_spend",
  usage: "current_usage",
  invoiceTotal: "invoice_total",
  remainingBalance: "remaining_balance",
  remainingPercentage: "remaining_percentage",
  remainingDays: "remaining_days",
  invoiceId: "invoice_id",
  commitId: "commit_id",
  creditId: "credit_id",
  segmentId: "segment_id",
} as const satisfies Record<Exclude<keyof ReadingFacts, "seatId">, string>;

export interface AlertCrossing {
  readonly alert: Alert;
  readonly customerId: string;
  readonly trigger: AlertTrigger;
  readonly crossing: Crossing;
}

/** Tells that a customer crossed an alert's threshold; the message's id follows from the crossing. */
export const announceAlert = (
  tx: CoreTransaction,
  ctx: OperationContext,
  { alert, customerId, trigger, crossing: { reading, sequence } }: AlertCrossing,
): Promise<void> =>
  sendWebhook(tx, ctx, {
    id: uuidV5(alert.id, JSON.stringify([customerId, reading.subject, sequence])),
    type: alertWebhook(alert.type),
    body: {
      properties: {
        customer_id: customerId,
        alert_id: alert.id,
        alert_name: alert.name,
        timestamp: instantText(ctx.now),
        threshold: alert.threshold,
        ...toScope(alert, reading.facts),
        ...toFacts(reading.facts),
        triggered_by: trigger,
      },
    },
  });

const toScope = (
  { creditTypeId, metricId, groupValues, seatFilter }: Alert,
  { seatId }: ReadingFacts,
) => ({
  ...(creditTypeId === null ? {} : { credit_type_id: creditTypeId }),
  ...(metricId === null ? {} : { billable_metric_id: metricId }),
  ...(groupValues.length === 0 ? {} : { group_values: groupValues }),
  ...(seatFilter === null
    ? {}
    : { seat_filter: { seat_group_key: seatFilter.groupKey, seat_group_value: seatId } }),
});

function toFacts(facts: ReadingFacts): Record<string, Decimal | string> {
  const names = Object.entries(FACT_NAMES) as [keyof typeof FACT_NAMES, string][];
  return Object.fromEntries(
    names.flatMap(([key, name]) => {
      const value = facts[key];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
