import { getCreditType } from "../../domain/credit-type.ts";
import { fromMinor } from "../../domain/money.ts";
import type { ExternalInvoice } from "../../store/external-invoices.ts";

/**
 * The provider's document as the wire shows it, null when the invoice was sent nowhere. Amounts are
 * in the unit of the invoice's credit type, like our own.
 */
export function toExternalInvoiceView(external: ExternalInvoice | null, creditTypeId: string) {
  if (external === null) return null;
  const { provider, externalId, externalStatus, details, errorMessage } = external;
  const amount = (minor: unknown) =>
    typeof minor === "number" && Number.isSafeInteger(minor)
      ? fromMinor(BigInt(minor), getCreditType(creditTypeId))
      : undefined;
  return withoutEmpty({
    billing_provider_type: provider,
    // A payment without an invoice at the provider has no invoice's id.
    invoice_id: externalId === details.external_payment_id ? undefined : externalId,
    issued_at_timestamp: details.issued_at,
    external_status: externalStatus,
    pdf_url: details.pdf_url,
    // Additions of ours, as a system that fetches invoices wrote them back.
    url: details.url,
    due_date: details.due_date,
    invoiced_total: amount(details.total_minor),
    invoiced_sub_total: amount(details.subtotal_minor),
    tax:
      details.tax_minor === undefined
        ? undefined
        : withoutEmpty({
            total_tax_amount: amount(details.tax_minor),
            total_taxable_amount: amount(details.taxable_minor),
          }),
    external_payment_id: details.external_payment_id,
    billing_provider_error: errorMessage,
  });
}

const withoutEmpty = (view: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(view).filter(([, value]) => (value ?? null) !== null));
