import { type Decimal, dec, sum } from "../../../domain/decimal.ts";
import type { Delivered } from "../../reconciliation.ts";
import type { QuickBooksDocument } from "../document.ts";
import { fromExternalId } from "../sales-document.ts";
import { isCreate } from "../to-requests.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What a delivery sent, as it is compared; `fields` is the body, which a repair sends once more. */
export interface AsSent {
  readonly fields: Fields;
  readonly customerId: string;
  readonly currency: string | undefined;
  readonly dueDate: string | undefined;
  /** Of its lines, in order. */
  readonly amounts: readonly Decimal[];
  /** Without tax. */
  readonly total: Decimal;
}

/** Fields that are numbers; the journal keeps them as text, so that no digit is lost. */
const NUMBERS = new Set(["Amount", "Qty", "UnitPrice", "ExchangeRate"]);

function revive(value: unknown, name = ""): unknown {
  if (NUMBERS.has(name)) return dec(String(value));
  if (Array.isArray(value)) return value.map((each) => revive(each));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revive(each, key)]));
}

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

/** The last body under which the document was made; undefined: it was taken over, and nobody knows. */
export function toAsSent({
  externalId,
  sent,
}: Pick<Delivered<QuickBooksDocument>, "externalId" | "sent">): AsSent | undefined {
  const { kind } = fromExternalId(externalId);
  const request = sent.findLast((each) => isCreate(each, kind));
  if (request === undefined) return undefined;
  const fields = revive(request.params) as Fields;
  const lines = Array.isArray(fields.Line) ? fields.Line.filter(isFields) : [];
  const amounts = lines.map(({ Amount: amount }) => amount as Decimal);
  const refOf = (ref: unknown) => (isFields(ref) ? textOf(ref.value) : undefined);
  return {
    fields,
    customerId: refOf(fields.CustomerRef) ?? "",
    currency: refOf(fields.CurrencyRef),
    dueDate: textOf(fields.DueDate),
    amounts,
    total: sum(amounts),
  };
}
