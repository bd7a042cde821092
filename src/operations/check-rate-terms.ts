import { dec } from "../domain/decimal.ts";
import type { ProductType } from "../domain/pricing/product.ts";
import type { AddRate } from "./add-rates.ts";
import { checkTiers, type Refuse } from "./check-tiers.ts";

/** Refuses a rate whose price or limits do not fit each other or the type of its product. */
export function checkRateTerms(rate: AddRate, productType: ProductType, refuse: Refuse): void {
  const { price, minimumAmount: minimum, maximumAmount: maximum } = rate;
  if ((productType === "COMPOSITE") !== (price.type === "PERCENTAGE")) {
    throw refuse("rate_type", "PERCENTAGE is for COMPOSITE products, which take no other");
  }
  if (price.type === "PERCENTAGE" && rate.creditTypeId !== undefined) {
    throw refuse("credit_type_id", "must be left out: a percentage has that of its products");
  }
  if (productType === "SUBSCRIPTION") checkPlain(rate, refuse);
  if (minimum !== null && maximum !== null && dec(minimum).gt(dec(maximum))) {
    throw refuse("maximum_amount", "must not be less than minimum_amount");
  }
  if (price.type === "TIERED") checkTiers(price.tiers, refuse);
  checkCommitRate(rate, productType, refuse);
}

function checkCommitRate({ commitRate }: AddRate, productType: ProductType, refuse: Refuse): void {
  if (commitRate === null) return;
  if (productType !== "USAGE") throw refuse("commit_rate", "is only for USAGE products");
  if (commitRate.type === "PERCENTAGE") {
    throw refuse("commit_rate.rate_type", "must be FLAT or TIERED");
  }
  if (commitRate.type === "TIERED") checkTiers(commitRate.tiers, refuse, "commit_rate.tiers");
}

/** Blocks and limits count usage. */
function checkPlain({ price, minimumAmount, maximumAmount }: AddRate, refuse: Refuse): void {
  const given = {
    package_size: price.type === "PERCENTAGE" ? undefined : price.package_size,
    minimum_amount: minimumAmount,
    maximum_amount: maximumAmount,
  };
  for (const [field, value] of Object.entries(given)) {
    if (value != null) throw refuse(field, "is not for SUBSCRIPTION products");
  }
}
