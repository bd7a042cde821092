import { type Static, Type } from "typebox";
import { dec } from "../../domain/decimal.ts";
import type { ImportedInvoice, ImportedLine } from "../../domain/invoices/imported-invoice.ts";
import { type Interval, instant } from "../../domain/time.ts";
import {
  CustomFieldsField,
  DecimalField,
  EnumField,
  IdField,
  InstantField,
  ObjectField,
} from "./fields.ts";
import { GroupValuesField } from "./group-values-field.ts";

const MAX_INVOICES = 1000;
const MAX_LINES = 10_000;
/** The hours of a year and a day. */
const MAX_SUBTOTALS = 8808;

const windowFields = {
  inclusive_start_date: InstantField({ onHour: true }),
  exclusive_end_date: InstantField({ onHour: true }),
};
const QuantityField = () => DecimalField({ minimum: "0" });

const SubtotalField = ObjectField({ ...windowFields, quantity: QuantityField() });

const LineField = ObjectField({
  ...windowFields,
  product_id: IdField(),
  quantity: Type.Optional(QuantityField()),
  subtotals_with_quantity: Type.Optional(
    Type.Array(SubtotalField, { minItems: 1, maxItems: MAX_SUBTOTALS }),
  ),
  pricing_group_values: Type.Optional(GroupValuesField()),
  presentation_group_values: Type.Optional(GroupValuesField()),
});

const InvoiceField = ObjectField({
  ...windowFields,
  customer_id: IdField(),
  contract_id: IdField(),
  credit_type_id: IdField(),
  issue_date: InstantField(),
  usage_line_items: Type.Array(LineField, { maxItems: MAX_LINES }),
  breakdown_granularity: Type.Optional(EnumField(["HOUR", "DAY"])),
  billable_status: Type.Optional(EnumField(["BILLABLE", "UNBILLABLE"])),
  custom_fields: Type.Optional(CustomFieldsField()),
  /** Ours: what the customer was billed, to be compared. */
  billed_total: Type.Optional(DecimalField()),
});

export const CreateHistoricalInvoicesBody = ObjectField({
  invoices: Type.Array(InvoiceField, { minItems: 1, maxItems: MAX_INVOICES }),
  preview: Type.Boolean(),
});

interface WindowBody {
  readonly inclusive_start_date: string;
  readonly exclusive_end_date: string;
}

const toWindow = (body: WindowBody): Interval => ({
  start: instant(body.inclusive_start_date),
  end: instant(body.exclusive_end_date),
});

const toLine = (body: Static<typeof LineField>): ImportedLine => ({
  productId: body.product_id,
  window: toWindow(body),
  pricingGroupValues: body.pricing_group_values ?? {},
  presentationGroupValues: body.presentation_group_values ?? {},
  quantity: body.quantity === undefined ? undefined : dec(body.quantity),
  subtotals: body.subtotals_with_quantity?.map((part) => ({
    window: toWindow(part),
    quantity: dec(part.quantity),
  })),
});

/** What the request asks to import. */
export const fromHistoricalInvoice = (body: Static<typeof InvoiceField>): ImportedInvoice => ({
  customerId: body.customer_id,
  contractId: body.contract_id,
  creditTypeId: body.credit_type_id,
  period: toWindow(body),
  issuedAt: instant(body.issue_date),
  granularity: body.breakdown_granularity,
  billableStatus: body.billable_status === "UNBILLABLE" ? "unbillable" : "billable",
  billedTotal: body.billed_total === undefined ? undefined : dec(body.billed_total),
  customFields: body.custom_fields,
  lines: body.usage_line_items.map(toLine),
});
