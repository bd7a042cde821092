import type { Address, InvoiceNumberScheme, RetriesEnd } from "../db/foundation-tables.ts";
import type { CollectTx } from "../scope.ts";
import { type AccountRow, insertAccount, lockAccount, updateAccount } from "../store/accounts.ts";

/** What a request says about an account: undefined leaves a thing as it is, null clears it. */
export interface AccountTerms {
  readonly name?: string | undefined;
  readonly defaultApiVersion?: string | undefined;
  readonly businessName?: string | null | undefined;
  readonly supportEmail?: string | null | undefined;
  readonly supportPhone?: string | null | undefined;
  readonly supportUrl?: string | null | undefined;
  readonly country?: string | null | undefined;
  readonly address?: Address | null | undefined;
  readonly paymentInstructions?: string | null | undefined;
  readonly invoiceGraceHours?: number | undefined;
  readonly invoiceNumberScheme?: InvoiceNumberScheme | undefined;
  readonly invoicePrefix?: string | null | undefined;
  readonly subscriptionRetries?: readonly number[] | null | undefined;
  readonly subscriptionRetriesEnd?: RetriesEnd | undefined;
  readonly upcomingInvoiceDays?: number | undefined;
  readonly daysUntilDue?: number | null | undefined;
}

const or = <T>(given: T | undefined, current: T): T => (given === undefined ? current : given);

async function applyTerms(
  tx: CollectTx,
  row: AccountRow,
  terms: AccountTerms,
): Promise<AccountRow> {
  const address = or(terms.address, row.address);
  return updateAccount(tx, row.id, {
    name: or(terms.name, row.name),
    default_api_version: or(terms.defaultApiVersion, row.default_api_version),
    business_name: or(terms.businessName, row.business_name),
    support_email: or(terms.supportEmail, row.support_email),
    support_phone: or(terms.supportPhone, row.support_phone),
    support_url: or(terms.supportUrl, row.support_url),
    country: or(terms.country, row.country),
    address: address === null ? null : JSON.stringify(address),
    payment_instructions: or(terms.paymentInstructions, row.payment_instructions),
    invoice_grace_hours: or(terms.invoiceGraceHours, row.invoice_grace_hours),
    invoice_number_scheme: or(terms.invoiceNumberScheme, row.invoice_number_scheme),
    invoice_prefix: or(terms.invoicePrefix, row.invoice_prefix),
    subscription_retries: JSON.stringify(
      or(terms.subscriptionRetries, row.subscription_retries) ?? [],
    ),
    subscription_retries_end: or(terms.subscriptionRetriesEnd, row.subscription_retries_end),
    upcoming_invoice_days: or(terms.upcomingInvoiceDays, row.upcoming_invoice_days),
    days_until_due: or(terms.daysUntilDue, row.days_until_due),
  });
}

/** Makes an account. Throws 400 when its name is taken. */
export async function createAccount(
  tx: CollectTx,
  name: string,
  terms: AccountTerms,
  nowAt: string,
): Promise<AccountRow> {
  return applyTerms(tx, await insertAccount(tx, name, nowAt), terms);
}

/** Changes what the request names; it holds for work that begins afterwards. Throws 404, 400. */
export async function changeAccount(
  tx: CollectTx,
  id: string,
  terms: AccountTerms,
): Promise<AccountRow> {
  return applyTerms(tx, await lockAccount(tx, id), terms);
}
