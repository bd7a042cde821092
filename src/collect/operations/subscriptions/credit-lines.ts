import { type Instant, instant } from "../../../domain/time.ts";
import { prorationText } from "../../domain/subscriptions/line-text.ts";
import { unusedTime } from "../../domain/subscriptions/proration.ts";
import type { Scope } from "../../scope.ts";
import { listDebits } from "../../store/subscription-debits.ts";
import type { SubscriptionRow } from "../../store/subscriptions.ts";
import type { LoadedItem } from "./load-items.ts";
import { type SubscriptionLine, unusedLines } from "./subscription-lines.ts";

/**
 * What is given back of items from an instant on. In classic billing mode that is what the rest of the
 * period costs at the items' present prices; in flexible mode the unused part of what was really
 * debited for it, after its discounts (Stripe docs: Billing mode). Nothing was debited: nothing comes
 * back.
 */
export async function creditLines(
  scope: Scope,
  row: SubscriptionRow,
  items: readonly LoadedItem[],
  from: Instant,
): Promise<SubscriptionLine[]> {
  const period = {
    start: instant(row.current_period_start_at),
    end: instant(row.current_period_end_at),
  };
  if (row.billing_mode === "classic") return unusedLines(items, period, from);
  const debits = await listDebits(
    scope,
    items.map((item) => item.row.id),
    row.current_period_end_at,
  );
  return items.flatMap((item): SubscriptionLine[] => {
    const paid = (debits.get(item.row.id) ?? []).map(({ startAt, netMinor }) => ({
      start: instant(startAt),
      amount: netMinor,
    }));
    return unusedTime(paid, period.end, from).map((unused) => ({
      item,
      period: unused.period,
      amountMinor: -unused.amount,
      description: prorationText(
        "unused",
        item.productName,
        item.row.quantity,
        unused.period.start,
      ),
      proration: true,
    }));
  });
}
