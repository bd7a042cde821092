import { dec, round } from "../../../domain/decimal.ts";
import type { ProviderRequest } from "../../delivery-step.ts";
import type { StripeDocument, StripeLine } from "../document.ts";
import { CREATE_PATH, LINE_KEY } from "../next-step.ts";

type Params = Readonly<Record<string, unknown>>;

const toRecord = (value: unknown): Params =>
  typeof value === "object" && value !== null ? (value as Params) : {};

const toText = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" ? String(value) : undefined;

const toNumber = (value: unknown): number | undefined =>
  typeof value === "number" ? value : undefined;

/** What a line comes to: the amount that was sent, or Stripe's own product. */
function amountOf(params: Params, unit: string | undefined, quantity: string | undefined) {
  const amount = toText(params.amount);
  if (amount !== undefined) return BigInt(amount);
  if (unit === undefined || quantity === undefined) return undefined;
  const product = round(dec(unit).times(dec(quantity)), 0, "half_away_from_zero");
  return BigInt(product.toFixed(0));
}

function toLine(params: Params, planned: ReadonlyMap<string, StripeLine>): StripeLine | undefined {
  const key = toText(toRecord(params.metadata)[LINE_KEY]);
  if (key === undefined) return undefined;
  const price = toRecord(params.price_data);
  const unit = toText(price.unit_amount_decimal);
  const quantity = toText(params.quantity) ?? toText(params.quantity_decimal);
  const base = planned.get(key);
  const amountMinor = amountOf(params, unit, quantity) ?? base?.amountMinor;
  if (amountMinor === undefined) return undefined;
  return {
    productName: toText(toRecord(price.product_data).name) ?? base?.productName ?? key,
    productId: toText(price.product),
    metadata: base?.metadata ?? {},
    priceMetadata: base?.priceMetadata ?? {},
    taxes: base?.taxes ?? [],
    period: base?.period,
    key,
    description: toText(params.description) ?? base?.description ?? "",
    amountMinor,
    priced:
      unit === undefined || quantity === undefined
        ? undefined
        : { unitAmountDecimal: unit, quantity },
  };
}

/**
 * The document as its delivery sent it: settings that were changed since then do not make it wrong. What
 * the writes do not tell, or changed in other ways, is taken from the plan of today. Pure.
 */
export function asSent(
  planned: StripeDocument,
  externalId: string,
  sent: readonly ProviderRequest[],
  isDelivered: boolean,
): StripeDocument {
  const own = `${CREATE_PATH}/${externalId}`;
  const first = sent.findIndex(({ path }) => path.startsWith(own));
  const create = sent.slice(0, first < 0 ? undefined : first).findLast(isCreation);
  if (first < 0 || create === undefined) return planned;
  // A delivery also lets Stripe go on with an invoice that it has mailed; that changes no header.
  const isEdited = sent.some(
    ({ path, params }) => path === own && HEADER.some((name) => Object.hasOwn(params, name)),
  );
  const header = isEdited ? planned : withHeader(planned, create.params);
  const lines = sentLines(planned, own, sent);
  const isFinalized = sent.some(({ path }) => path === `${own}/finalize`);
  return {
    ...header,
    lines: lines ?? planned.lines,
    totalMinor:
      lines === undefined
        ? planned.totalMinor
        : lines.reduce((total, line) => total + line.amountMinor, 0n),
    leaveAsDraft: isDelivered ? !isFinalized : planned.leaveAsDraft,
  };
}

const HEADER = ["collection_method", "days_until_due", "due_date"];

const isCreation = ({ method, path }: ProviderRequest): boolean =>
  method === "POST" && path === CREATE_PATH;

const withHeader = (planned: StripeDocument, params: Params): StripeDocument => ({
  ...planned,
  customer: toText(params.customer) ?? planned.customer,
  collectionMethod:
    params.collection_method === "send_invoice" ? "send_invoice" : "charge_automatically",
  daysUntilDue: toNumber(params.days_until_due),
  dueDate: toNumber(params.due_date),
});

/** undefined: the lines were changed after they were added, and the plan tells better. */
function sentLines(
  planned: StripeDocument,
  own: string,
  sent: readonly ProviderRequest[],
): StripeLine[] | undefined {
  if (sent.some(({ path }) => [`${own}/update_lines`, `${own}/remove_lines`].includes(path))) {
    return undefined;
  }
  const byKey = new Map(planned.lines.map((line) => [line.key, line]));
  const added = sent
    .filter(({ path }) => path === `${own}/add_lines`)
    .flatMap(({ params }) => (Array.isArray(params.lines) ? (params.lines as unknown[]) : []))
    .map((line) => toLine(toRecord(line), byKey));
  if (added.length === 0) return undefined;
  const lines = new Map<string, StripeLine>();
  for (const line of added) {
    if (line === undefined) return undefined;
    lines.set(line.key, line);
  }
  return [...lines.values()];
}
