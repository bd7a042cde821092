import { instant, instantText, Temporal } from "../../domain/time.ts";
import type { CustomField } from "../db/foundation-tables.ts";
import type { CollectionMethod } from "../db/invoicing-tables.ts";
import { assertAllowed } from "../domain/invoice-status.ts";
import { mergeMetadata } from "../domain/metadata.ts";
import { nextAttemptAt } from "../domain/retry-schedule.ts";
import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import type { WireInvoice } from "../serializers/to-invoice.ts";
import {
  type InvoiceChanges,
  type InvoiceRow,
  lockInvoice,
  updateInvoice,
} from "../store/invoices.ts";
import { enqueueCharge, enqueueFinalization, isCharged } from "./charge-schedule.ts";
import { checkReferences } from "./create-invoice.ts";
import { daysUntilDueOf } from "./days-until-due.ts";
import { type DiscountRequest, resolveDiscounts } from "./discounts/resolve-discounts.ts";
import { refreshTotals } from "./invoice-totals.ts";
import { recordInvoiceChange } from "./record-invoice-change.ts";
import { renderInvoice } from "./render-invoice.ts";
import { checkTaxes } from "./totals/check-taxes.ts";
import { requireTaxRates } from "./totals/require-tax-rates.ts";

/** What an update says; undefined leaves it, null unsets it. */
export interface InvoiceUpdate {
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
  readonly autoAdvance?: boolean | undefined;
  readonly defaultPaymentMethod?: string | undefined;
  readonly terms: DraftTerms;
  /** What the draft's totals depend on; null clears them. */
  readonly discounts?: readonly DiscountRequest[] | null | undefined;
  readonly defaultTaxRates?: readonly string[] | null | undefined;
}

/** What can be changed only while the invoice is a draft. */
export interface DraftTerms {
  readonly automaticTax?: boolean | undefined;
  readonly automaticallyFinalizesAt?: string | undefined;
  readonly collectionMethod?: CollectionMethod | undefined;
  readonly daysUntilDue?: number | undefined;
  readonly dueAt?: string | undefined;
  readonly customFields?: readonly CustomField[] | null | undefined;
  readonly description?: string | undefined;
  readonly footer?: string | undefined;
  readonly number?: string | null | undefined;
  readonly effectiveAt?: string | null | undefined;
  readonly statementDescriptor?: string | undefined;
}

/** Keeps the members that were given. */
const given = (changes: InvoiceChanges): InvoiceChanges =>
  Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));

/** The due time that follows from a draft's new collection method and due parameters. */
function toDue(scope: Scope, invoice: InvoiceRow, terms: DraftTerms): InvoiceChanges {
  const method = terms.collectionMethod ?? invoice.collection_method;
  const { dueAt } = terms;
  const days =
    invoice.due_at === null
      ? daysUntilDueOf(scope, { ...terms, collectionMethod: method })
      : terms.daysUntilDue;
  if (method === "charge_automatically") {
    if (days !== undefined || dueAt !== undefined) {
      throw refused(
        "invalid_argument",
        "You can only specify a due date if the collection method is 'send_invoice'.",
        days === undefined ? "due_date" : "days_until_due",
      );
    }
    return { days_until_due: null, due_at: null };
  }
  if (days !== undefined && dueAt !== undefined) {
    throw refused(
      "parameters_exclusive",
      "You may only specify one of these parameters: days_until_due, due_date.",
      "due_date",
    );
  }
  if (dueAt !== undefined) return { days_until_due: null, due_at: dueAt };
  if (days !== undefined) {
    const hours = Temporal.Duration.from({ hours: days * 24 });
    return { days_until_due: days, due_at: instantText(instant(scope.nowAt).add(hours)) };
  }
  if (invoice.due_at !== null) return {};
  throw refused(
    "parameter_missing",
    "You must specify `days_until_due` or `due_date` if the collection method is 'send_invoice'.",
    "days_until_due",
  );
}

function toDraftChanges(scope: Scope, invoice: InvoiceRow, terms: DraftTerms): InvoiceChanges {
  const fields = terms.customFields;
  return {
    ...toDue(scope, invoice, terms),
    ...given({
      automatic_tax: terms.automaticTax,
      collection_method: terms.collectionMethod,
      description: terms.description,
      footer: terms.footer,
      number: terms.number,
      effective_at: terms.effectiveAt,
      statement_descriptor: terms.statementDescriptor,
      ...(fields === undefined
        ? {}
        : { custom_fields: fields === null ? null : JSON.stringify(fields) }),
    }),
  };
}

/** What switching automatic collection on or off does in each state. */
function toAdvance(scope: Scope, invoice: InvoiceRow, update: InvoiceUpdate): InvoiceChanges {
  const explicit = update.terms.automaticallyFinalizesAt;
  const on = update.autoAdvance ?? (explicit === undefined ? undefined : true);
  if (on === undefined) return {};
  if (invoice.status === "draft") {
    const hours = scope.account.invoice_grace_hours;
    const afterGrace = instantText(instant(scope.nowAt).add({ hours }));
    const at = explicit ?? invoice.automatically_finalizes_at ?? afterGrace;
    return {
      auto_advance: on,
      automatically_finalizes_at: on ? at : null,
      ...(explicit === undefined ? {} : { finalization_is_fixed: true }),
    };
  }
  if (invoice.status !== "open") {
    if (!on) return {};
    throw refused(
      "invoice_not_editable",
      `auto_advance can't be turned on because this invoice is ${invoice.status}.`,
      "auto_advance",
    );
  }
  if (!on) return { auto_advance: false, next_payment_attempt_at: null };
  if (invoice.auto_advance || !isCharged(scope, { ...invoice, auto_advance: true })) {
    return { auto_advance: true };
  }
  // Reopened: what was never tried is charged now, what was declined waits for its next turn.
  const retryAt =
    invoice.attempt_count === 0
      ? instant(scope.nowAt)
      : nextAttemptAt(
          scope.account.subscription_retries,
          invoice.attempt_count,
          instant(scope.nowAt),
        );
  return {
    auto_advance: true,
    next_payment_attempt_at: retryAt === undefined ? null : instantText(retryAt),
  };
}

/** The discounts and tax rates that a draft is to have. Throws 400 for what cannot be. */
async function toTotalTerms(
  scope: Scope,
  invoice: InvoiceRow,
  { discounts, defaultTaxRates }: InvoiceUpdate,
): Promise<InvoiceChanges> {
  const { customer, currency, id } = invoice;
  await requireTaxRates(scope, defaultTaxRates ?? [], (n) => `default_tax_rates[${n}]`);
  if (defaultTaxRates != null) {
    await checkTaxes(scope, { id, default_tax_rates: defaultTaxRates }, "default_tax_rates");
  }
  const ids = await resolveDiscounts(scope, discounts ?? [], { customer, currency, invoice: id });
  return {
    ...(discounts === undefined ? {} : { discounts: JSON.stringify(ids) }),
    ...(defaultTaxRates === undefined
      ? {}
      : { default_tax_rates: JSON.stringify(defaultTaxRates ?? []) }),
  };
}

/**
 * Changes an invoice: a draft in everything but customer and currency, an open one in how it is
 * collected, any one in its metadata. Throws 400 `invoice_not_editable` for the rest.
 */
export async function changeInvoice(
  scope: Scope,
  id: string,
  update: InvoiceUpdate,
): Promise<WireInvoice> {
  const invoice = await lockInvoice(scope, id);
  const changesTerms = Object.values(update.terms).some((value) => value !== undefined);
  const retotals = update.discounts !== undefined || update.defaultTaxRates !== undefined;
  if (changesTerms || retotals) assertAllowed("edit", invoice.status);
  if (update.defaultPaymentMethod !== undefined && invoice.status !== "open") {
    assertAllowed("edit", invoice.status);
  }
  await checkReferences(scope, invoice.customer, {
    defaultPaymentMethod: update.defaultPaymentMethod,
    number: update.terms.number === invoice.number ? undefined : (update.terms.number ?? undefined),
  });
  const before = await renderInvoice(scope, invoice);
  const changes = {
    metadata: JSON.stringify(mergeMetadata(invoice.metadata, update.metadata)),
    ...(update.defaultPaymentMethod === undefined
      ? {}
      : { default_payment_method: update.defaultPaymentMethod }),
    ...(changesTerms ? toDraftChanges(scope, invoice, update.terms) : {}),
    ...toAdvance(scope, invoice, update),
  };
  const row = retotals
    ? await refreshTotals(scope, invoice, {
        ...changes,
        ...(await toTotalTerms(scope, invoice, update)),
      })
    : await updateInvoice(scope, id, changes);
  enqueueFinalization(scope, row);
  enqueueCharge(scope, row);
  return recordInvoiceChange(scope, before, row);
}
