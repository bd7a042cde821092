import { mergeMetadata } from "../../domain/metadata.ts";
import { refused } from "../../errors.ts";
import { reportOutcome, reportPayment, reportRefund } from "../../operations/report-payment.ts";
import { toPaymentRecord } from "../../serializers/to-payment-record.ts";
import {
  getPaymentRecord,
  listPaymentRecords,
  listPaymentRecordsByIds,
} from "../../store/payment-records.ts";
import { endpoint } from "../endpoint.ts";
import { toList, toPageQuery } from "../list.ts";
import {
  amount,
  choice,
  currency,
  hash,
  metadata,
  objectId,
  optional,
  paging,
  text,
  timestamp,
} from "../params.ts";
import type { Resource } from "../resource.ts";

const money = hash({ currency: currency(), value: amount({ minimum: 1 }) });

const report = {
  amount_requested: money,
  canceled: optional(hash({ canceled_at: timestamp() })),
  customer_details: optional(
    hash({
      customer: optional(objectId()),
      email: optional(text(512)),
      name: optional(text(256)),
      phone: optional(text(20)),
    }),
  ),
  description: optional(text()),
  failed: optional(hash({ failed_at: timestamp() })),
  guaranteed: optional(hash({ guaranteed_at: timestamp() })),
  initiated_at: timestamp(),
  metadata: optional(metadata()),
  outcome: optional(choice("canceled", "failed", "guaranteed")),
  payment_method_details: hash({
    custom: optional(hash({ display_name: optional(text(200)), type: optional(text(200)) })),
    type: optional(choice("custom")),
  }),
  processor_details: optional(
    hash({ custom: optional(hash({ payment_reference: text(500) })), type: choice("custom") }),
  ),
};

/** Throws 400 when the time of an outcome is given for another one. */
function checkOutcome(params: {
  readonly outcome?: string;
  readonly canceled?: unknown;
  readonly failed?: unknown;
  readonly guaranteed?: unknown;
}): void {
  for (const outcome of ["canceled", "failed", "guaranteed"] as const) {
    if (params[outcome] === undefined || params.outcome === outcome) continue;
    throw refused("invalid_argument", `${outcome} goes with outcome=${outcome}.`, outcome);
  }
}

export const paymentRecordResource: Resource = {
  object: "payment_record",
  async load(scope, ids) {
    const rows = await listPaymentRecordsByIds(scope, ids);
    return new Map(rows.map((row) => [row.id, toPaymentRecord(row)]));
  },
};

export const paymentRecordEndpoints = [
  endpoint({
    method: "POST",
    path: "/v1/payment_records/report_payment",
    params: report,
    returns: "payment_record",
    handler: async ({ scope, params }) => {
      checkOutcome(params);
      const { customer_details: payer, payment_method_details: method } = params;
      const row = await reportPayment(scope, {
        amountMinor: params.amount_requested.value,
        currency: params.amount_requested.currency,
        customer: payer?.customer,
        payer: {
          email: payer?.email ?? null,
          name: payer?.name ?? null,
          phone: payer?.phone ?? null,
        },
        initiatedAt: params.initiated_at,
        outcome: params.outcome,
        endedAt:
          params.guaranteed?.guaranteed_at ??
          params.failed?.failed_at ??
          params.canceled?.canceled_at,
        description: params.description,
        methodName: method.custom?.display_name,
        methodType: method.custom?.type,
        paymentReference: params.processor_details?.custom?.payment_reference,
        metadata: mergeMetadata({}, params.metadata),
      });
      return toPaymentRecord(row);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/payment_records",
    params: paging,
    returns: { listOf: "payment_record" },
    handler: async ({ scope, params }) =>
      toList(
        "/v1/payment_records",
        await listPaymentRecords(scope, toPageQuery(params)),
        toPaymentRecord,
      ),
  }),
  endpoint({
    method: "GET",
    path: "/v1/payment_records/:record",
    params: {},
    returns: "payment_record",
    handler: async ({ scope, path }) => toPaymentRecord(await getPaymentRecord(scope, path.record)),
  }),
  ...(
    [
      ["report_payment_attempt_guaranteed", "guaranteed", "guaranteed_at"],
      ["report_payment_attempt_failed", "failed", "failed_at"],
      ["report_payment_attempt_canceled", "canceled", "canceled_at"],
    ] as const
  ).map(([action, outcome, at]) =>
    endpoint({
      method: "POST",
      path: `/v1/payment_records/:record/${action}` as "/v1/payment_records/:record/x",
      params: { [at]: timestamp() },
      returns: "payment_record",
      handler: async ({ scope, path, params }) =>
        toPaymentRecord(
          await reportOutcome(scope, path.record, outcome, params[at] ?? scope.nowAt),
        ),
    }),
  ),
  endpoint({
    method: "POST",
    path: "/v1/payment_records/:record/report_refund",
    params: {
      amount: optional(money),
      outcome: choice("refunded"),
      processor_details: hash({ type: choice("custom") }),
    },
    returns: "payment_record",
    handler: async ({ scope, path, params }) => {
      const { amount: part } = params;
      const wanted = part && { minor: part.value, currency: part.currency };
      return toPaymentRecord(await reportRefund(scope, path.record, wanted));
    },
  }),
];
