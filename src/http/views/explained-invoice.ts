import { dec } from "../../domain/decimal.ts";
import { stepText } from "../../domain/invoices/step-text.ts";
import type { StoredStep } from "../../domain/invoices/stored-step.ts";
import type { ExplainedInvoice, ExplainedLine } from "../../operations/explain-invoice.ts";
import { toCreditTypeView, type UnitNames } from "./credit-type.ts";

const toSnakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Every text of a step is an id, an instant, a word, or a number. */
const NUMBER = /^-?\d+(\.\d+)?$/;

function toWire(value: unknown): unknown {
  if (typeof value === "string") return NUMBER.test(value) ? dec(value) : value;
  if (Array.isArray(value)) return value.map(toWire);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [toSnakeCase(key), toWire(inner)]),
  );
}

const toStepView = (step: StoredStep, eventsUrl: string) => ({
  ...(toWire(step) as Record<string, unknown>),
  text: stepText(step),
  ...(step.step === "usage" ? { events_url: eventsUrl } : {}),
});

const toEventsUrl = (publicUrl: string, invoiceId: string, lineKey: string): string =>
  `${publicUrl}/v1/invoices/${invoiceId}/events?line_key=${encodeURIComponent(lineKey)}`;

const toLineView = ({ line, steps }: ExplainedLine, units: UnitNames, eventsUrl: string) => ({
  line_key: line.lineKey,
  name: line.name,
  type: line.type,
  credit_type: toCreditTypeView(line.creditTypeId, units),
  ...(line.quantity === null ? {} : { quantity: line.quantity }),
  ...(line.unitPrice === null ? {} : { unit_price: line.unitPrice }),
  total: line.total,
  steps: steps.map((step) => toStepView(step, eventsUrl)),
});

/** How an invoice came about, line by line; links begin with the public URL. */
export const toExplainedInvoiceView = (explained: ExplainedInvoice, publicUrl: string) => ({
  id: explained.record.id,
  status: explained.record.status,
  subtotal: explained.subtotal,
  total: explained.total,
  content_hash: explained.contentHash,
  line_items: explained.lines.map((line) =>
    toLineView(
      line,
      explained.units,
      toEventsUrl(publicUrl, explained.record.id, line.line.lineKey),
    ),
  ),
});
