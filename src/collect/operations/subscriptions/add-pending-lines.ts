import type { Scope } from "../../scope.ts";
import { insertInvoiceItems } from "../../store/invoice-items.ts";
import type { SubscriptionRow } from "../../store/subscriptions.ts";
import { activeDiscounts } from "../discounts/inherit-discounts.ts";
import { recordEvent } from "../record-event.ts";
import { renderInvoiceItem } from "../render-invoice-item.ts";
import { type SubscriptionLine, toLineRow } from "./subscription-lines.ts";

/** Lets lines wait as invoice items for the subscription's next invoice. */
export async function addPendingLines(
  scope: Scope,
  { customer }: SubscriptionRow,
  lines: readonly SubscriptionLine[],
): Promise<void> {
  const active = await activeDiscounts(
    scope,
    lines.flatMap(({ item }) => item.row.discounts),
  );
  const place = { invoice: undefined, customer, active, offset: 0 };
  const rows = lines.map((line) => toLineRow(line, place));
  for (const row of await insertInvoiceItems(scope, rows)) {
    recordEvent(scope, {
      type: "invoiceitem.created",
      object: await renderInvoiceItem(scope, row),
    });
  }
}
