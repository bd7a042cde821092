import { mergeMetadata } from "../../domain/metadata.ts";
import { refused } from "../../errors.ts";
import {
  changeCoupon,
  createCoupon,
  deleteCoupon,
  type NewCoupon,
} from "../../operations/save-coupon.ts";
import { toCoupon } from "../../serializers/to-coupon.ts";
import { toDeleted } from "../../serializers/to-deleted.ts";
import { toDiscount } from "../../serializers/to-discount.ts";
import { getCoupon, listCoupons, listCouponsById } from "../../store/coupons.ts";
import { listDiscountsById } from "../../store/discounts.ts";
import { endpoint } from "../endpoint.ts";
import { toList, toPageQuery } from "../list.ts";
import {
  amount,
  choice,
  currency,
  decimal,
  hash,
  integer,
  listOf,
  metadata,
  objectId,
  optional,
  type ParamsOf,
  paging,
  pattern,
  range,
  text,
  timestamp,
  unsettable,
} from "../params.ts";
import type { Resource } from "../resource.ts";
import { readPercentage } from "../totals-params.ts";

const MAX_REDEMPTIONS = 2_147_483_647;
const MAX_MONTHS = 1200;

const creation = {
  amount_off: optional(amount({ minimum: 1 })),
  applies_to: optional(hash({ products: listOf(objectId()) })),
  currency: optional(currency()),
  duration: optional(choice("once", "repeating", "forever")),
  duration_in_months: optional(integer(1, MAX_MONTHS)),
  id: optional(pattern(/^[\w-]{1,200}$/, "1 to 200 letters, digits, dashes or _")),
  max_redemptions: optional(integer(1, MAX_REDEMPTIONS)),
  metadata: optional(metadata()),
  name: optional(text(40)),
  percent_off: optional(decimal()),
  redeem_by: optional(timestamp()),
};

type Creation = ParamsOf<typeof creation>;

/** What the coupon takes off: a percentage above 0, or an amount with its currency. Throws 400. */
function toValue(params: Creation): Pick<NewCoupon, "percentOff" | "amountOff"> {
  const { percent_off: percent, amount_off: minor, currency: code } = params;
  if ((percent === undefined) === (minor === undefined)) {
    throw refused(
      percent === undefined ? "parameter_missing" : "parameters_exclusive",
      "You must specify exactly one of these parameters: percent_off, amount_off.",
      "percent_off",
    );
  }
  if (percent !== undefined) {
    const percentOff = readPercentage(percent, "percent_off");
    if (/^-?[0.]*$/.test(percentOff)) {
      throw refused("parameter_invalid_range", "percent_off must be above 0.", "percent_off");
    }
    return { percentOff, amountOff: null };
  }
  if (code === undefined) {
    throw refused("parameter_missing", "An amount_off needs a currency.", "currency");
  }
  return { percentOff: null, amountOff: { minor: minor ?? 0n, currency: code } };
}

/** How long it holds. Throws 400 when the months fit the duration ill. */
function toDuration(params: Creation): Pick<NewCoupon, "duration" | "durationInMonths"> {
  const { duration = "once", duration_in_months: months } = params;
  if ((duration === "repeating") !== (months !== undefined)) {
    throw refused(
      months === undefined ? "parameter_missing" : "invalid_argument",
      "duration_in_months goes with duration=repeating, and only with it.",
      "duration_in_months",
    );
  }
  return { duration, durationInMonths: months ?? null };
}

export const couponResource: Resource = {
  object: "coupon",
  async load(scope, ids) {
    const rows = await listCouponsById(scope, ids);
    return new Map([...rows].map(([id, row]) => [id, toCoupon(row, scope.nowAt)]));
  },
};

export const discountResource: Resource = {
  object: "discount",
  references: { customer: "customer", "source.coupon": "coupon" },
  async load(scope, ids) {
    const rows = await listDiscountsById(scope, ids);
    return new Map([...rows].map(([id, row]) => [id, toDiscount(row)]));
  },
};

export const couponEndpoints = [
  endpoint({
    method: "POST",
    path: "/v1/coupons",
    params: creation,
    returns: "coupon",
    handler: async ({ scope, params }) => {
      const coupon = await createCoupon(scope, {
        ...toValue(params),
        ...toDuration(params),
        id: params.id,
        name: params.name ?? null,
        maxRedemptions: params.max_redemptions ?? null,
        redeemByAt: params.redeem_by ?? null,
        products: params.applies_to?.products ?? null,
        metadata: mergeMetadata({}, params.metadata),
      });
      return toCoupon(coupon, scope.nowAt);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/coupons",
    params: { ...paging, created: optional(range()) },
    returns: { listOf: "coupon" },
    handler: async ({ scope, params }) => {
      const query = { ...toPageQuery(params), created: params.created };
      return toList("/v1/coupons", await listCoupons(scope, query), (row) =>
        toCoupon(row, scope.nowAt),
      );
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/coupons/:coupon",
    params: {},
    returns: "coupon",
    handler: async ({ scope, path }) => toCoupon(await getCoupon(scope, path.coupon), scope.nowAt),
  }),
  endpoint({
    method: "POST",
    path: "/v1/coupons/:coupon",
    params: { metadata: optional(metadata()), name: optional(unsettable(text(40))) },
    returns: "coupon",
    handler: async ({ scope, path, params }) =>
      toCoupon(await changeCoupon(scope, path.coupon, params), scope.nowAt),
  }),
  endpoint({
    method: "DELETE",
    path: "/v1/coupons/:coupon",
    params: {},
    returns: "coupon",
    handler: async ({ scope, path }) => {
      await deleteCoupon(scope, path.coupon);
      return toDeleted(path.coupon, "coupon");
    },
  }),
];
