import { type Static, Type } from "typebox";
import {
  ALERT_TYPES,
  type AlertType,
  alertKind,
  FILTER_ENTITIES,
} from "../../domain/alerts/alert.ts";
import { USD_CREDIT_TYPE_ID } from "../../domain/credit-type.ts";
import { dec } from "../../domain/decimal.ts";
import { invalid, unsupported } from "../../errors.ts";
import { isCurrency } from "../../operations/check-credit-type.ts";
import type { AlertTerms } from "../../operations/create-alert.ts";
import { DecimalField, EnumField, IdField, ObjectField, TextField } from "./fields.ts";
import { NullableField } from "./nullable-field.ts";

/** Types that the matched API knows and we do not do. */
const UNSERVED_TYPES = [
  "monthly_invoice_total_spend_threshold_reached",
  "low_credit_balance_reached",
  "low_remaining_credit_percentage_reached",
  "low_remaining_days_in_plan_reached",
] as const;

const MOST_GROUP_KEYS = 3;

const seatFilter = () =>
  ObjectField({
    seat_group_key: TextField({ max: 200 }),
    seat_group_value: Type.Optional(NullableField(TextField({ max: 200 }))),
  });

export const CreateAlertBody = ObjectField(
  {
    alert_type: EnumField([...ALERT_TYPES, ...UNSERVED_TYPES]),
    name: TextField({ max: 1024 }),
    threshold: DecimalField({ minimum: "0" }),
    uniqueness_key: Type.Optional(NullableField(TextField({ max: 128 }))),
    customer_id: Type.Optional(NullableField(IdField())),
    credit_type_id: Type.Optional(NullableField(IdField())),
    billable_metric_id: Type.Optional(NullableField(IdField())),
    evaluate_on_create: Type.Optional(NullableField(Type.Boolean())),
    custom_field_filters: Type.Optional(
      NullableField(
        Type.Array(
          ObjectField({
            entity: EnumField(FILTER_ENTITIES),
            key: TextField({ max: 200 }),
            value: TextField({ min: 0, max: 200 }),
          }),
          { maxItems: 100 },
        ),
      ),
    ),
    invoice_types_filter: Type.Optional(
      NullableField(Type.Array(EnumField(["USAGE", "SCHEDULED"]), { maxItems: 10 })),
    ),
    group_values: Type.Optional(
      NullableField(
        Type.Array(
          ObjectField({
            key: TextField({ max: 200 }),
            value: Type.Optional(NullableField(TextField({ min: 0, max: 1024 }))),
          }),
          { maxItems: MOST_GROUP_KEYS },
        ),
      ),
    ),
    seat_filter: Type.Optional(NullableField(seatFilter())),
  },
  { unsupported: { alert_specifiers: [], credit_grant_type_filters: [], plan_id: null } },
);

type Body = Static<typeof CreateAlertBody>;

/** An alert as operations take it. Refuses what says nothing to its type: nothing is ignored. */
export function fromCreateAlertBody(body: Body): AlertTerms {
  const type = ALERT_TYPES.find((served) => served === body.alert_type);
  if (type === undefined) throw unsupported(`alert_type ${body.alert_type}`);
  return {
    type,
    name: body.name,
    threshold: dec(body.threshold),
    uniquenessKey: body.uniqueness_key ?? null,
    customerId: body.customer_id ?? null,
    creditTypeId: toCreditTypeId(type, body.credit_type_id ?? null),
    metricId: toMetricId(type, body.billable_metric_id ?? null),
    evaluateOnCreate: body.evaluate_on_create ?? true,
    customFieldFilters: toFilters(type, body.custom_field_filters ?? []),
    groupValues: toGroupValues(type, body.group_values ?? []),
    invoiceTypes: toInvoiceTypes(type, body.invoice_types_filter ?? []),
    seatFilter: toSeatFilter(type, body.seat_filter ?? null),
  };
}

const refuse = (field: string, type: AlertType) =>
  invalid(`${field} says nothing to an alert of type ${type}`, field);

/** Days are the same in every credit type: without one, all count. */
function toCreditTypeId(type: AlertType, given: string | null): string | null {
  const { measure } = alertKind(type);
  const field = "credit_type_id";
  if (measure === "usage") {
    if (given !== null) throw refuse(field, type);
    return null;
  }
  if (measure === "days") return given;
  if (measure === "invoice_total" && given !== null && !isCurrency(given)) {
    throw invalid(`${field} must be a currency: no invoice has its total in a pricing unit`, field);
  }
  return given ?? USD_CREDIT_TYPE_ID;
}

function toMetricId(type: AlertType, given: string | null): string | null {
  const field = "billable_metric_id";
  const isUsage = alertKind(type).measure === "usage";
  if (isUsage && given === null) throw invalid(`${field} is required`, field);
  if (!isUsage && given !== null) throw refuse(field, type);
  return given;
}

function toFilters(
  type: AlertType,
  given: NonNullable<Body["custom_field_filters"]>,
): AlertTerms["customFieldFilters"] {
  const { filters } = alertKind(type);
  for (const [index, { entity }] of given.entries()) {
    if (filters.includes(entity)) continue;
    throw refuse(`custom_field_filters[${index}].entity ${entity}`, type);
  }
  return given;
}

function toGroupValues(
  type: AlertType,
  given: NonNullable<Body["group_values"]>,
): AlertTerms["groupValues"] {
  if (given.length > 0 && alertKind(type).measure !== "spend") throw refuse("group_values", type);
  return given.map(({ key, value }, index) => {
    const field = `group_values[${index}]`;
    if (given.findIndex((other) => other.key === key) < index) {
      throw invalid(`${field}.key repeats an earlier key`, `${field}.key`);
    }
    if (value == null) throw unsupported(`${field} without a value, for each value by itself,`);
    return { key, value };
  });
}

function toInvoiceTypes(
  type: AlertType,
  given: NonNullable<Body["invoice_types_filter"]>,
): AlertTerms["invoiceTypes"] {
  if (given.length === 0) return null;
  if (alertKind(type).measure !== "invoice_total") throw refuse("invoice_types_filter", type);
  return [...new Set(given)];
}

function toSeatFilter(
  type: AlertType,
  given: NonNullable<Body["seat_filter"]> | null,
): AlertTerms["seatFilter"] {
  const isOfSeats = alertKind(type).measure === "seat_balance";
  if (given === null) {
    if (isOfSeats) throw invalid("seat_filter is required", "seat_filter");
    return null;
  }
  if (!isOfSeats) throw refuse("seat_filter", type);
  return { groupKey: given.seat_group_key, seatId: given.seat_group_value ?? null };
}
