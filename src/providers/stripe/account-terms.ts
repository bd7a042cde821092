import type { Plan, PlannedConnection } from "../provider.ts";
import type { StripeDocument, StripePayment, StripeTax } from "./document.ts";
import { type StripeSettings, toStripeSettings } from "./settings.ts";

/** The way in which an account's invoices get their tax. */
function toTax(settings: StripeSettings): StripeTax {
  const { tax_mode: mode, tax_wait_minutes: waitMinutes, on_tax_timeout: onTimeout } = settings;
  return mode === "none" || mode === "precalculated" ? { mode } : { mode, waitMinutes, onTimeout };
}

/**
 * What the account's settings say of how every invoice goes out: when it is due, whether it is mailed
 * or left as a draft, how it is taxed. What is collected at once is paid there and then, without tax.
 * Pure.
 */
export function withAccountTerms(
  plan: Plan<StripeDocument | StripePayment>,
  connection: PlannedConnection,
): Plan<StripeDocument | StripePayment> {
  if (plan.outcome !== "send" || plan.document.kind === "payment") return plan;
  const { document } = plan;
  if (document.collection !== undefined) return plan;
  const settings = toStripeSettings(connection);
  const isSent = document.collectionMethod === "send_invoice";
  return {
    outcome: "send",
    document: {
      ...document,
      daysUntilDue: isSent ? settings.days_until_due : undefined,
      sends: isSent,
      leaveAsDraft: settings.leave_invoices_in_draft,
      tax: toTax(settings),
    },
  };
}
