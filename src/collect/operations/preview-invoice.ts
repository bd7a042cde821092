import { instant, isBefore } from "../../domain/time.ts";
import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { toInvoiceLine } from "../serializers/to-invoice-line.ts";
import { getCustomer } from "../store/customers.ts";
import { listAllLines } from "../store/invoice-lines.ts";
import type { InvoiceRow } from "../store/invoices.ts";
import {
  getSubscription,
  listLivingSubscriptions,
  type SubscriptionRow,
} from "../store/subscriptions.ts";
import { createInvoice } from "./create-invoice.ts";
import { createInvoiceItem } from "./create-invoice-item.ts";
import { discarding } from "./discarding.ts";
import { type DiscountRequest, resolveDiscounts } from "./discounts/resolve-discounts.ts";
import { refreshTotals } from "./invoice-totals.ts";
import type { NewItem } from "./new-items.ts";
import { renderInvoice } from "./render-invoice.ts";
import {
  changeSubscription,
  type SubscriptionUpdate,
} from "./subscriptions/change-subscription.ts";
import {
  createSubscription,
  type SubscriptionRequest,
} from "./subscriptions/create-subscription.ts";
import { nextTurnAt } from "./subscriptions/subscription-schedule.ts";
import { turnSubscription } from "./subscriptions/turn-subscription.ts";

/** What is asked to be seen ahead: an existing subscription, changed or not, a new one, or a customer. */
export interface PreviewRequest {
  readonly customer?: string | undefined;
  /** ISO code, lower case; undefined: the subscription's or the customer's. */
  readonly currency?: string | undefined;
  readonly subscription?: string | undefined;
  readonly update?: SubscriptionUpdate | undefined;
  readonly creation?: SubscriptionRequest | undefined;
  readonly items: readonly NewItem[];
  /** undefined: those that the invoice would take over. */
  readonly discounts?: readonly DiscountRequest[] | undefined;
}

/** Thrown to end the work of a preview when its draft is there. */
class DraftTaken extends Error {
  readonly preview: InvoicePreview;

  constructor(preview: InvoicePreview) {
    super("the draft of a preview was taken");
    this.preview = preview;
  }
}

/** The draft with all of its lines, under an id that leads nowhere: it does not exist. */
async function toPreview(scope: Scope, draft: InvoiceRow, reason?: "upcoming") {
  const invoice = await renderInvoice(scope, draft);
  const lines = (await listAllLines(scope, draft.id)).map(toInvoiceLine);
  const id = `upcoming_${draft.id}`;
  return {
    ...invoice,
    id,
    billing_reason: reason ?? invoice.billing_reason,
    lines: {
      ...invoice.lines,
      data: lines.map((line) => ({ ...line, invoice: id })),
      has_more: false,
      url: `/v1/invoices/${id}/lines`,
    },
  };
}

export type InvoicePreview = Awaited<ReturnType<typeof toPreview>>;

const nothingUpcoming = (whom: string) =>
  refused("invoice_upcoming_none", `No upcoming invoices for ${whom}`);

/** Runs work that bills a subscription, and answers with the first draft it makes; undefined: none. */
async function takeDraft(
  scope: Scope,
  { discounts }: Pick<PreviewRequest, "discounts">,
  reason: "upcoming" | undefined,
  work: (scope: Scope) => Promise<unknown>,
): Promise<InvoicePreview | undefined> {
  const onDraft = async (draft: InvoiceRow): Promise<never> => {
    throw new DraftTaken(
      await toPreview(scope, await withDiscounts(scope, draft, discounts), reason),
    );
  };
  try {
    await work({ ...scope, onDraft });
    return undefined;
  } catch (error) {
    if (error instanceof DraftTaken) return error.preview;
    throw error;
  }
}

async function withDiscounts(
  scope: Scope,
  draft: InvoiceRow,
  discounts: readonly DiscountRequest[] | undefined,
): Promise<InvoiceRow> {
  if (discounts === undefined) return draft;
  const { customer, currency, id } = draft;
  const ids = await resolveDiscounts(scope, discounts, { customer, currency, invoice: id });
  return refreshTotals(scope, draft, { discounts: JSON.stringify(ids) });
}

/** The invoice of a subscription's next turn; throws 400 `invoice_upcoming_none` when there is none. */
async function previewTurn(
  scope: Scope,
  id: string,
  request: Pick<PreviewRequest, "discounts">,
): Promise<InvoicePreview> {
  const at = nextTurnAt(await getSubscription(scope, id));
  const turned =
    at === undefined
      ? undefined
      : await takeDraft({ ...scope, nowAt: at }, request, "upcoming", (then) =>
          turnSubscription(then, id),
        );
  if (turned === undefined) throw nothingUpcoming(`subscription: ${id}`);
  return turned;
}

async function previewSubscription(
  scope: Scope,
  id: string,
  request: PreviewRequest,
): Promise<InvoicePreview> {
  const { update } = request;
  if (update !== undefined) {
    const atOnce = await takeDraft(scope, request, undefined, (now) =>
      changeSubscription(now, id, update),
    );
    if (atOnce !== undefined) return atOnce;
  }
  return previewTurn(scope, id, request);
}

/** The one of a customer's subscriptions that bills next. */
function nextToTurn(rows: readonly SubscriptionRow[]): SubscriptionRow | undefined {
  const dated = rows.flatMap((row) => {
    const at = nextTurnAt(row);
    return at === undefined ? [] : [{ row, at: instant(at) }];
  });
  return dated.sort((a, b) => (isBefore(a.at, b.at) ? -1 : 1))[0]?.row;
}

async function previewCustomer(
  scope: Scope,
  customer: string,
  request: PreviewRequest,
): Promise<InvoicePreview> {
  const next = nextToTurn(
    (await listLivingSubscriptions(scope, customer)).filter(
      ({ currency }) => request.currency === undefined || currency === request.currency,
    ),
  );
  if (next !== undefined) return previewTurn(scope, next.id, request);
  const collectionMethod = "charge_automatically" as const;
  const { discounts } = request;
  const made = await takeDraft(scope, request, "upcoming", (now) =>
    createInvoice(now, {
      customer,
      currency: request.currency,
      collectionMethod,
      pendingItems: "include",
      discounts,
      metadata: {},
    }),
  );
  if (made === undefined || made.lines.data.length === 0) {
    throw nothingUpcoming(`customer: ${customer}`);
  }
  return made;
}

/** Adds what the request wants to see beside what is there already. */
async function addItems(scope: Scope, customer: string, { items }: PreviewRequest): Promise<void> {
  for (const item of items) await createInvoiceItem(scope, { ...item, customer });
}

/** Throws 400 when a request names a subscription, and another customer or currency than its own. */
function assertSame(
  request: PreviewRequest,
  own: { readonly customer: string; readonly currency: string },
): void {
  for (const name of ["customer", "currency"] as const) {
    const asked = request[name];
    if (asked === undefined || asked === own[name]) continue;
    throw refused(
      "invalid_argument",
      `The ${name} of subscription ${request.subscription} is ${own[name]}, not ${asked}.`,
      name,
    );
  }
}

/**
 * The invoice that is going to be made, or that a change or a new subscription would make: the same
 * work is done, and then taken back (Stripe docs: Create a preview invoice). Throws 400
 * `invoice_upcoming_none` when there would be none.
 */
export async function previewInvoice(
  scope: Scope,
  request: PreviewRequest,
): Promise<InvoicePreview> {
  return discarding(scope, async (now) => {
    const { creation, subscription } = request;
    if (subscription !== undefined) {
      const { customer, currency } = await getSubscription(now, subscription, "subscription");
      assertSame(request, { customer, currency });
      await addItems(now, customer, request);
      return previewSubscription(now, subscription, request);
    }
    const { id: customer } = await getCustomer(now, request.customer ?? "", "customer");
    await addItems(now, customer, request);
    if (creation === undefined) return previewCustomer(now, customer, request);
    const made = await takeDraft(now, request, undefined, (then) =>
      createSubscription(then, creation),
    );
    if (made === undefined) throw nothingUpcoming(`customer: ${customer}`);
    return made;
  });
}

/** The next renewal of a subscription, to be told of ahead; undefined: there is none to bill. */
export async function previewRenewal(
  scope: Scope,
  id: string,
): Promise<InvoicePreview | undefined> {
  return discarding(scope, async (now) => {
    const at = nextTurnAt(await getSubscription(now, id));
    if (at === undefined) return undefined;
    return takeDraft({ ...now, nowAt: at }, {}, "upcoming", (then) => turnSubscription(then, id));
  });
}
