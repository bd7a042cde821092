import Stripe from "stripe";
import { instant } from "../../../domain/time.ts";
import type { ProviderConnection } from "../../provider-connection.ts";
import type { ListedDocument } from "../../reconciliation.ts";
import { fromReadError } from "../errors.ts";
import { standingOfInvoice, standingOfPayment } from "./inspect.ts";

const PAGE = 100;

type Kind = ListedDocument["kind"];

export interface Range {
  readonly since: string | undefined;
  readonly until: string | undefined;
}

export interface DocumentPage {
  readonly documents: readonly ListedDocument[];
  readonly next: string | undefined;
}

/** "invoice:in_1": the kind that is being listed, and the last one that was seen. */
function readPage(page: string | undefined): { kind: Kind; after: string } {
  const [kind, after = ""] = (page ?? "invoice:").split(":");
  return { kind: kind === "payment" ? "payment" : "invoice", after };
}

const toSeconds = (at: string): number => Math.floor(instant(at).epochMilliseconds / 1000);

function toParams({ since, until }: Range, after: string): Stripe.InvoiceListParams {
  const created = {
    ...(since === undefined ? {} : { gte: toSeconds(since) }),
    ...(until === undefined ? {} : { lt: toSeconds(until) }),
  };
  return {
    limit: PAGE,
    ...(Object.keys(created).length === 0 ? {} : { created }),
    ...(after === "" ? {} : { starting_after: after }),
  };
}

/** The document after which a list was to go on was deleted meanwhile. */
const isCursorGone = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeError &&
  error.code === "resource_missing" &&
  error.param === "starting_after";

/** Our invoice's id, when the document carries it and is of this environment. */
function ownerOf(
  metadata: Stripe.Metadata | null,
  { environment }: Pick<ProviderConnection, "environment">,
): string | undefined {
  const named = metadata?.ledgerline_environment;
  if (named !== undefined && named !== environment) return undefined;
  return metadata?.ledgerline_invoice_id;
}

/**
 * Documents that carry our metadata: first the invoices, then the payments without an invoice. A list
 * whose place was deleted meanwhile begins anew. Throws ProviderReadError.
 */
export async function listDocuments(
  stripe: Stripe,
  connection: Pick<ProviderConnection, "environment">,
  range: Range,
  page: string | undefined,
): Promise<DocumentPage> {
  const { kind, after } = readPage(page);
  const params = toParams(range, after);
  try {
    if (kind === "invoice") {
      const list = await stripe.invoices.list(params);
      const documents = list.data.flatMap((invoice) => {
        const invoiceId = ownerOf(invoice.metadata, connection);
        const externalId = invoice.id;
        if (invoiceId === undefined || externalId === undefined) return [];
        return { externalId, invoiceId, kind, standing: standingOfInvoice(invoice) };
      });
      const last = list.has_more ? list.data.at(-1)?.id : undefined;
      return { documents, next: last === undefined ? "payment:" : `invoice:${last}` };
    }
    const list = await stripe.paymentIntents.list(params as Stripe.PaymentIntentListParams);
    const documents = list.data.flatMap((intent) => {
      const invoiceId = ownerOf(intent.metadata, connection);
      if (invoiceId === undefined) return [];
      return { externalId: intent.id, invoiceId, kind, standing: standingOfPayment(intent) };
    });
    const last = list.has_more ? list.data.at(-1)?.id : undefined;
    return { documents, next: last === undefined ? undefined : `payment:${last}` };
  } catch (error) {
    if (after !== "" && isCursorGone(error)) return { documents: [], next: `${kind}:` };
    throw fromReadError(error);
  }
}
