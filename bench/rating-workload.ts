import type { Commit } from "../src/domain/commits/commit.ts";
import { dec } from "../src/domain/decimal.ts";
import type { Rate } from "../src/domain/pricing/rate.ts";
import type { RatingSnapshot } from "../src/domain/rating/snapshot.ts";
import { instant, instantText } from "../src/domain/time.ts";
import {
  commit,
  flat,
  row,
  segment,
  snapshot,
  usageProduct,
  used,
} from "../test/support/sample-snapshot.ts";

const PRODUCTS = 20;
const MODELS = 5;
const COMMITS = 20;
const MONTH_START = instant("2024-01-01T00:00:00Z");

/**
 * A month of one customer that gives `lines` usage lines before commits: 20 products, each priced
 * by 5 models and split by teams, and 20 commits that pay for one product each and run out half-way.
 */
export function makeRatingSnapshot(lines: number): RatingSnapshot {
  const teams = lines / (PRODUCTS * MODELS);
  const names = Array.from({ length: PRODUCTS }, (_, n) => `product-${n}`);
  const models = Array.from({ length: MODELS }, (_, n) => `model-${n}`);
  const products = names.map((name) =>
    usageProduct(name, { pricingGroupKey: ["model"], presentationGroupKey: ["team"] }),
  );
  const rates = names.flatMap((name, p) =>
    models.map((model, m): Rate => {
      const terms = { id: `${name} ${model}`, pricingGroupValues: { model } };
      return flat(name, `0.0${p + 1}${m + 1}`, "2020-01-01", terms);
    }),
  );
  const rollups = names.map((name, p) =>
    used(
      name,
      ...models.flatMap((model, m) =>
        Array.from({ length: teams }, (_, t) => {
          const hour = instantText(MONTH_START.add({ hours: (p * 31 + m * 7 + t) % 700 }));
          return row(hour, `${1000 + ((p * 131 + m * 17 + t) % 977)}.25`, { model, team: `t${t}` });
        }),
      ),
    ),
  );
  const commits = Array.from({ length: COMMITS }, (_, n): Commit => {
    // About half of what the product costs: its usage is 1,500 x 5 models x teams at 0.0x.
    const amount = dec(String(n + 1))
      .times(dec(String(teams)))
      .times(dec("37"));
    const access = segment("0", "2024-01-01", "2025-01-01");
    const terms = { applicableProductIds: [names[n % PRODUCTS] ?? ""] };
    return commit(`commit-${n}`, "PREPAID", [{ ...access, amount }], terms);
  });
  return snapshot({ products, rates, rollups, commits });
}
