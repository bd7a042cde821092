import { refused } from "../../errors.ts";
import { changePriceTerms, createPrice, deletePlan } from "../../operations/save-price.ts";
import { createProduct } from "../../operations/save-product.ts";
import type { Scope } from "../../scope.ts";
import { toDeleted } from "../../serializers/to-deleted.ts";
import { toPlan } from "../../serializers/to-plan.ts";
import { getRecurringPrice, listPrices, listPricesById } from "../../store/prices.ts";
import { getProduct } from "../../store/products.ts";
import { endpoint } from "../endpoint.ts";
import { toList, toPageQuery } from "../list.ts";
import {
  amount,
  choice,
  currency,
  decimal,
  flag,
  hash,
  integer,
  metadata,
  objectId,
  objectIdOr,
  optional,
  type ParamsOf,
  paging,
  pattern,
  range,
  text,
} from "../params.ts";
import { readUnitAmount } from "../price-params.ts";
import type { Resource } from "../resource.ts";

const changes = {
  active: optional(flag()),
  metadata: optional(metadata()),
  nickname: optional(text()),
  product: optional(objectId()),
  trial_period_days: optional(integer(0, 730)),
};

const creation = {
  active: optional(flag()),
  amount: optional(amount({ minimum: 0 })),
  amount_decimal: optional(decimal()),
  billing_scheme: optional(choice("per_unit")),
  currency: currency(),
  id: optional(pattern(/^[\w .-]{1,200}$/, "1 to 200 letters, digits, spaces, dots, dashes or _")),
  interval: choice("day", "week", "month", "year"),
  interval_count: optional(integer(1, 1095)),
  metadata: optional(metadata()),
  nickname: optional(text()),
  product: objectIdOr(
    hash({
      name: text(),
      active: optional(flag()),
      id: optional(objectId()),
      metadata: optional(metadata()),
      statement_descriptor: optional(text(22)),
      tax_code: optional(text()),
      unit_label: optional(text(12)),
    }),
  ),
  trial_period_days: optional(integer(0, 730)),
  usage_type: optional(choice("licensed")),
};

type Creation = ParamsOf<typeof creation>;

/** The product of a new plan: an existing one, or one made along with it. */
async function obtainProduct(scope: Scope, product: Creation["product"]): Promise<string> {
  if (typeof product === "string") return (await getProduct(scope, product, "product")).id;
  const made = await createProduct(scope, {
    name: product.name,
    active: product.active,
    id: product.id,
    metadata: product.metadata,
    statementDescriptor: product.statement_descriptor,
    taxCode: product.tax_code,
    unitLabel: product.unit_label,
  });
  return made.id;
}

function unitAmountOf(params: Creation): string {
  const { amount: unit_amount, amount_decimal: unit_amount_decimal } = params;
  if (unit_amount !== undefined && unit_amount_decimal !== undefined) {
    throw refused(
      "parameters_exclusive",
      "You may only specify one of these parameters: amount, amount_decimal.",
      "amount_decimal",
    );
  }
  if (unit_amount === undefined && unit_amount_decimal === undefined) {
    throw refused("parameter_missing", "Missing required param: amount.", "amount");
  }
  return readUnitAmount(
    {
      ...(unit_amount === undefined ? {} : { unit_amount }),
      ...(unit_amount_decimal === undefined ? {} : { unit_amount_decimal }),
    },
    "",
  );
}

export const planResource: Resource = {
  object: "plan",
  references: { product: "product" },
  async load(scope, ids) {
    const rows = [...(await listPricesById(scope, ids)).values()];
    return new Map(
      rows.filter((row) => row.recurring_interval !== null).map((row) => [row.id, toPlan(row)]),
    );
  },
};

/** Recurring prices as they were before there were prices; both have one id. */
export const planEndpoints = [
  endpoint({
    method: "POST",
    path: "/v1/plans",
    params: creation,
    returns: "plan",
    handler: async ({ scope, params }) => {
      const unitAmount = unitAmountOf(params);
      const price = await createPrice(scope, {
        id: params.id,
        product: await obtainProduct(scope, params.product),
        currency: params.currency,
        unitAmount,
        active: params.active,
        nickname: params.nickname,
        metadata: params.metadata,
        recurring: {
          interval: params.interval,
          intervalCount: params.interval_count ?? 1,
          trialPeriodDays: params.trial_period_days,
        },
      });
      return toPlan(price);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/plans",
    params: {
      ...paging,
      active: optional(flag()),
      created: optional(range()),
      product: optional(objectId()),
    },
    returns: { listOf: "plan" },
    handler: async ({ scope, params }) => {
      const query = { ...toPageQuery(params), created: params.created };
      const { active, product } = params;
      const page = await listPrices(scope, query, { active, product, type: "recurring" });
      return toList("/v1/plans", page, toPlan);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/plans/:plan",
    params: {},
    returns: "plan",
    handler: async ({ scope, path }) => toPlan(await getRecurringPrice(scope, path.plan)),
  }),
  endpoint({
    method: "POST",
    path: "/v1/plans/:plan",
    params: changes,
    returns: "plan",
    handler: async ({ scope, path, params }) => {
      await getRecurringPrice(scope, path.plan);
      const { active, nickname, metadata: fields, product } = params;
      if (product !== undefined) await getProduct(scope, product, "product");
      const changed = await changePriceTerms(scope, path.plan, {
        active,
        nickname,
        metadata: fields,
        product,
        trialPeriodDays: params.trial_period_days,
      });
      return toPlan(changed);
    },
  }),
  endpoint({
    method: "DELETE",
    path: "/v1/plans/:plan",
    params: {},
    returns: "plan",
    handler: async ({ scope, path }) => {
      await deletePlan(scope, path.plan);
      return toDeleted(path.plan, "plan");
    },
  }),
];
