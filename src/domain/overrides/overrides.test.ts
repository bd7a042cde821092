import { describe, expect, test } from "vitest";
import { at, flat, tiered } from "../../../test/support/sample-snapshot.ts";
import { dec, toText } from "../decimal.ts";
import type { RatePrice } from "../pricing/rate.ts";
import { agreeRate } from "./agreed-rate.ts";
import { changedPrice } from "./changed-price.ts";
import type { Override, OverrideSpecifier, PriceChange } from "./override.ts";

const anything: OverrideSpecifier = {
  productId: "p",
  productTags: [],
  pricingGroupValues: {},
  presentationGroupValues: {},
  billingFrequency: null,
  commitIds: null,
};

let added = 0n;

/** An override of product "p" in all its uses, added after all earlier ones. */
const override = (
  id: string,
  change: PriceChange | null,
  rest: Partial<Override> = {},
): Override => {
  added += 1n;
  return {
    id,
    startingAt: at("2024-01-01"),
    endingBefore: null,
    entitled: null,
    change,
    isCommitSpecific: false,
    target: "LIST_RATE",
    priority: null,
    specifiers: [anything],
    position: added,
    ...rest,
  };
};

const times = (factor: string): PriceChange => ({ type: "MULTIPLIER", multiplier: dec(factor) });
const fixedAt = (price: string): PriceChange => ({
  type: "OVERWRITE",
  price: { type: "FLAT", price: dec(price) },
});
/** Multiplier tiers as [size, factor]; null size for the last. */
const steps = (...tiers: [string | null, string][]): PriceChange => ({
  type: "TIERED",
  tiers: tiers.map(([size, factor]) => ({
    size: size === null ? null : dec(size),
    multiplier: dec(factor),
  })),
});

const forCommits = (...commitIds: string[]): Partial<Override> => ({
  isCommitSpecific: true,
  specifiers: [{ ...anything, commitIds: commitIds.length === 0 ? null : commitIds }],
});

const usage = { productId: "p", productTags: ["gpu", "eu"], pricing: {}, presentation: {} };
const list = flat("p", "100");

const show = (price: RatePrice): string =>
  price.type === "TIERED"
    ? price.tiers
        .map(
          (tier) => `${tier.size === null ? "rest" : toText(tier.size)} at ${toText(tier.price)}`,
        )
        .join(", ")
    : toText(price.price);

describe("changedPrice", () => {
  const graduated = tiered("p", [
    ["10", "5"],
    [null, "3"],
  ]);
  const cases: [string, RatePrice, PriceChange, string][] = [
    ["an overwrite replaces the price", list, fixedAt("70"), "70"],
    ["an overwrite replaces tiers too", graduated, fixedAt("70"), "70"],
    ["a multiplier scales a price exactly", flat("p", "0.1"), times("0.333"), "0.0333"],
    ["0 makes it free", list, times("0"), "0"],
    ["above 1 makes it dearer", list, times("1.5"), "150"],
    ["each tier is scaled", graduated, times("0.5"), "10 at 2.5, rest at 1.5"],
    [
      "multiplier tiers make a flat price tiered: 100 x 1, then 100 x 0.9, 100 x 0.8",
      list,
      steps(["1000", "1"], ["500", "0.9"], [null, "0.8"]),
      "1000 at 100, 500 at 90, rest at 80",
    ],
    [
      "bounds at 4 (override) and 10 (list): 5 x 1, 5 x 0.5, 3 x 0.5",
      graduated,
      steps(["4", "1"], [null, "0.5"]),
      "4 at 5, 6 at 2.5, rest at 1.5",
    ],
    [
      "bounds at 10 (list) and 25 (override): 5 x 1, 3 x 1, 3 x 0.5",
      graduated,
      steps(["25", "1"], [null, "0.5"]),
      "10 at 5, 15 at 3, rest at 1.5",
    ],
    ["both bounds at 10", graduated, steps(["10", "1"], [null, "2"]), "10 at 5, rest at 6"],
  ];
  test.each(cases)("%s", (_reason, price, change, expected) => {
    expect(show(changedPrice(price, change))).toBe(expected);
  });
});

describe("agreeRate without commits", () => {
  const cases: [string, Override[], string, ("LOWEST_MULTIPLIER" | "EXPLICIT")?][] = [
    ["no override: the list price", [], "100"],
    [
      "the lowest multiplier wins",
      [override("a", times("0.8")), override("b", times("0.9"))],
      "80",
    ],
    [
      "multipliers do not stack: 0.9, not 0.81",
      [override("a", times("0.9")), override("b", times("0.9"))],
      "90",
    ],
    [
      "EXPLICIT: the lowest priority number wins, even with the higher multiplier",
      [
        override("a", times("0.5"), { priority: dec("2") }),
        override("b", times("0.9"), { priority: dec("1") }),
      ],
      "90",
      "EXPLICIT",
    ],
    [
      "EXPLICIT: of equal priorities the one added last",
      [
        override("a", times("0.5"), { priority: dec("1") }),
        override("b", times("0.9"), { priority: dec("1") }),
      ],
      "90",
      "EXPLICIT",
    ],
    [
      "EXPLICIT: multiplier tiers rank with multipliers",
      [
        override("a", times("0.5"), { priority: dec("2") }),
        override("b", steps(["10", "1"], [null, "0.7"]), { priority: dec("1") }),
      ],
      "10 at 100, rest at 70",
      "EXPLICIT",
    ],
    [
      "an overwrite goes before any multiplier",
      [override("a", fixedAt("95")), override("b", times("0.1"), { priority: dec("1") })],
      "95",
    ],
    [
      "of overwrites the one added last, not the cheapest",
      [override("a", fixedAt("10")), override("b", fixedAt("60"))],
      "60",
    ],
    [
      "one that is only for commits says nothing here",
      [override("a", times("0.5"), forCommits())],
      "100",
    ],
    [
      "all tags of a specifier must be there",
      [
        override("a", times("0.5"), {
          specifiers: [{ ...anything, productId: null, productTags: ["gpu", "us"] }],
        }),
        override("b", times("0.7"), {
          specifiers: [{ ...anything, productId: null, productTags: ["gpu", "eu"] }],
        }),
      ],
      "70",
    ],
    [
      "one matching specifier of several is enough",
      [
        override("a", times("0.5"), {
          specifiers: [{ ...anything, productId: "other" }, anything],
        }),
      ],
      "50",
    ],
    ["only access changes: the price stays", [override("a", null, { entitled: true })], "100"],
  ];
  test.each(cases)("%s", (_reason, overrides, expected, prioritization = "LOWEST_MULTIPLIER") => {
    for (const order of [overrides, overrides.toReversed()]) {
      expect(show(agreeRate(list, order, usage, prioritization).price)).toBe(expected);
    }
  });

  test("group values of a specifier must be among those of the line", () => {
    const regional = override("a", times("0.5"), {
      specifiers: [
        {
          ...anything,
          pricingGroupValues: { region: "eu" },
          presentationGroupValues: { team: "red" },
        },
      ],
    });
    const priceOf = (pricing: Record<string, string>, presentation: Record<string, string>) =>
      show(
        agreeRate(list, [regional], { ...usage, pricing, presentation }, "LOWEST_MULTIPLIER").price,
      );
    expect(priceOf({ region: "eu", tier: "a" }, { team: "red" })).toBe("50");
    expect(priceOf({ region: "eu" }, { team: "blue" })).toBe("100");
    expect(priceOf({ region: "us" }, { team: "red" })).toBe("100");
  });

  test("the override added last decides on access", () => {
    const closed = override("closed", null, { entitled: false });
    const open = override("open", times("0.5"), { entitled: true });
    const agree = (...overrides: Override[]) =>
      agreeRate(list, overrides, usage, "LOWEST_MULTIPLIER").rate.entitled;
    expect(agree()).toBe(true);
    expect(agree(closed)).toBe(false);
    expect(agree(closed, open)).toBe(true);
    expect(agree(open, { ...closed, position: open.position + 1n })).toBe(false);
  });
});

describe("agreeRate when a commit pays", () => {
  const both = flat("p", "100", "2020-01-01", { commitRate: { type: "FLAT", price: dec("60") } });
  const listed = { id: "c1", rateType: "LIST_RATE", recurring: null } as const;
  const cheaper = { id: "c1", rateType: "COMMIT_RATE", recurring: null } as const;
  const atCommitRate = (...ids: string[]) =>
    ({ ...forCommits(...ids), target: "COMMIT_RATE" }) as const;
  const cases: [string, typeof list, Override[], typeof listed | typeof cheaper, string][] = [
    ["rate type LIST_RATE: as without it", both, [], listed, "100"],
    ["rate type COMMIT_RATE: the commit rate", both, [], cheaper, "60"],
    ["no commit rate on the card: the list rate", list, [], cheaper, "100"],
    [
      "no commit rate on the card: overrides of commit rates are ignored",
      list,
      [override("a", times("0.5"), atCommitRate())],
      cheaper,
      "100",
    ],
    [
      "no commit rate on the card: the list's overrides hold",
      list,
      [override("a", times("0.5"))],
      cheaper,
      "50",
    ],
    [
      "overrides of the list rate leave the commit rate alone",
      both,
      [override("a", times("0.5")), override("b", fixedAt("1"), forCommits())],
      cheaper,
      "60",
    ],
    [
      "an override of the commit rate changes it: 60 x 0.5",
      both,
      [override("a", times("0.5"), atCommitRate())],
      cheaper,
      "30",
    ],
    [
      "an override of the commit rate leaves the list rate alone",
      both,
      [override("a", times("0.5"), atCommitRate())],
      listed,
      "100",
    ],
    [
      "a commit-specific multiplier goes before a plain overwrite",
      list,
      [override("a", fixedAt("10")), override("b", times("0.9"), forCommits())],
      listed,
      "90",
    ],
    [
      "a commit-specific overwrite goes before a commit-specific multiplier",
      list,
      [override("a", fixedAt("95"), forCommits()), override("b", times("0.1"), forCommits())],
      listed,
      "95",
    ],
    [
      "of another commit: the plain overwrite",
      list,
      [override("a", fixedAt("10")), override("b", times("0.9"), forCommits("c2"))],
      listed,
      "10",
    ],
  ];
  test.each(cases)("%s", (_reason, rate, overrides, commit, expected) => {
    const agreed = agreeRate(rate, overrides, usage, "LOWEST_MULTIPLIER");
    expect(show((agreed.priceFor?.(commit) ?? agreed).price)).toBe(expected);
  });
});
