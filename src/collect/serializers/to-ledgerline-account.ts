import type { AccountRow } from "../store/accounts.ts";
import { toUnix } from "../wire.ts";

/** An account with its settings, as `/ledgerline/accounts` shows it. */
export const toLedgerlineAccount = (row: AccountRow) => ({
  id: row.id,
  object: "ledgerline.account",
  created: toUnix(row.created_at),
  name: row.name,
  default_api_version: row.default_api_version,
  business_name: row.business_name,
  support_email: row.support_email,
  support_phone: row.support_phone,
  support_url: row.support_url,
  country: row.country,
  address: row.address,
  payment_instructions: row.payment_instructions,
  invoice_grace_hours: row.invoice_grace_hours,
  invoice_number_scheme: row.invoice_number_scheme,
  invoice_prefix: row.invoice_prefix,
  subscription_retries: [...row.subscription_retries],
  subscription_retries_end: row.subscription_retries_end,
  upcoming_invoice_days: row.upcoming_invoice_days,
  days_until_due: row.days_until_due,
});
