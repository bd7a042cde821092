import { describe, expect, test } from "vitest";
import { at, commit, segment } from "../../../test/support/sample-snapshot.ts";
import { dec } from "../decimal.ts";
import { coversLine, coversProduct, coversWindow, servesContract } from "./applicability.ts";
import { type BurnRank, compareBurnOrder, toBurnRank } from "./burn-order.ts";
import type { Commit, CommitSpecifier } from "./commit.ts";
import { openPurse } from "./purse.ts";

const ALL = Number.POSITIVE_INFINITY;

describe("compareBurnOrder", () => {
  const base: BurnRank = {
    type: "PREPAID",
    isRollover: false,
    priority: dec("100"),
    isFree: false,
    productCount: ALL,
    specifierCount: 0,
    endingBefore: at("2025-01-01"),
    startingAt: at("2024-01-01"),
    contractCount: ALL,
    isContractLevel: false,
    id: "m",
  };
  test.each<[string, Partial<BurnRank>, Partial<BurnRank>]>([
    ["a rollover before any priority", { isRollover: true }, { priority: dec("1") }],
    [
      "of rollovers the postpaid one",
      { isRollover: true, type: "POSTPAID" },
      { isRollover: true, priority: dec("1") },
    ],
    [
      "prepaid before postpaid, whatever the priority",
      {},
      { type: "POSTPAID", priority: dec("1") },
    ],
    ["a credit before postpaid", { type: "CREDIT" }, { type: "POSTPAID", priority: dec("1") }],
    [
      "prepaid and credits together, by priority",
      { priority: dec("50") },
      { type: "CREDIT", isFree: true },
    ],
    ["lower priority before free", { priority: dec("99.5") }, { isFree: true }],
    ["free before paid", { isFree: true }, { productCount: 1 }],
    ["fewer products before fewer specifiers", { productCount: 2, specifierCount: 5 }, {}],
    [
      "fewer specifiers before an earlier end",
      {},
      { specifierCount: 1, endingBefore: at("2024-02-01") },
    ],
    [
      "an earlier end before an earlier start",
      { endingBefore: at("2024-12-01"), startingAt: at("2024-06-01") },
      {},
    ],
    [
      "an earlier start before fewer contracts",
      { startingAt: at("2023-12-01") },
      { contractCount: 1 },
    ],
    [
      "fewer contracts before the contract's own",
      { contractCount: 1 },
      { contractCount: 2, isContractLevel: true },
    ],
    ["the contract's own before the customer's", { isContractLevel: true, id: "z" }, { id: "a" }],
    ["the id decides at last", { id: "a" }, {}],
  ])("%s", (_reason, first, second) => {
    expect(compareBurnOrder({ ...base, ...first }, { ...base, ...second })).toBeLessThan(0);
    expect(compareBurnOrder({ ...base, ...second }, { ...base, ...first })).toBeGreaterThan(0);
  });
});

describe("applicability", () => {
  const window = segment("1", "2024-01-10", "2024-01-20");
  const named = (ids: string[] | null, tags: string[] | null) =>
    commit("c", "CREDIT", [window], { applicableProductIds: ids, applicableProductTags: tags });
  const product = { productId: "p", productTags: ["ai", "eu"] };

  test.each([
    [true, named(null, null), "nothing named is everything"],
    [true, named(["p"], null), "by id"],
    [false, named(["q"], null), "another id"],
    [true, named(null, ["eu"]), "any of its tags"],
    [true, named(["q"], ["eu"]), "either is enough"],
    [false, named([], null), "an empty list names no product"],
  ])("covers the product: %s", (expected, terms) => {
    expect(coversProduct(terms, product)).toBe(expected);
  });

  const specifier = (fields: Partial<CommitSpecifier>): CommitSpecifier => ({
    productId: null,
    productTags: null,
    pricingGroupValues: null,
    presentationGroupValues: null,
    ...fields,
  });
  const specified = (...specifiers: CommitSpecifier[]) =>
    commit("c", "CREDIT", [window], { specifiers });
  const line = {
    ...product,
    pricingGroupValues: { region: "eu", cloud: "a" },
    presentationGroupValues: { team: "x" },
  };
  test.each<[boolean, Commit, string]>([
    [true, specified(specifier({ productId: "p" })), "its product"],
    [false, specified(specifier({ productId: "q" })), "another product"],
    [true, specified(specifier({ productTags: ["eu", "ai"] })), "all tags"],
    [false, specified(specifier({ productTags: ["eu", "us"] })), "one tag of two is not enough"],
    [true, specified(specifier({ pricingGroupValues: { region: "eu" } })), "a subset of values"],
    [false, specified(specifier({ pricingGroupValues: { region: "us" } })), "another value"],
    [false, specified(specifier({ pricingGroupValues: { team: "x" } })), "a value of another kind"],
    [
      true,
      specified(specifier({ presentationGroupValues: { team: "x" } })),
      "a presentation value",
    ],
    [
      false,
      specified(specifier({ productId: "p", presentationGroupValues: { team: "y" } })),
      "all fields of one specifier must match",
    ],
    [
      true,
      specified(specifier({ productId: "q" }), specifier({ productTags: ["ai"] })),
      "one specifier of several is enough",
    ],
  ])("covers the line: %s", (expected, terms) => {
    expect(coversLine(terms, line)).toBe(expected);
  });

  test("a line without group values is not met by a specifier with some", () => {
    const wanted = specified(specifier({ pricingGroupValues: { region: "eu" } }));
    expect(coversLine(wanted, { ...line, pricingGroupValues: null })).toBe(false);
    expect(coversProduct(wanted, product)).toBe(true);
  });

  test("specifiers count by the products they meet and by those with group values", () => {
    const products = [product, { productId: "q", productTags: ["eu"] }];
    const rank = (...specifiers: CommitSpecifier[]) => {
      const { productCount, specifierCount } = toBurnRank(
        specified(...specifiers),
        window,
        products,
      );
      return [productCount, specifierCount];
    };
    expect(rank(specifier({ productId: "p" }), specifier({ productId: "p" }))).toEqual([1, 0]);
    expect(rank(specifier({ productTags: ["eu"] }))).toEqual([2, 0]);
    expect(rank(specifier({ productId: "p", pricingGroupValues: { a: "b" } }))).toEqual([1, 1]);
    expect(rank(specifier({ pricingGroupValues: { a: "b" } }))).toEqual([ALL, 1]);
  });

  test.each([
    ["2024-01-10", "2024-01-20", true, "exactly the access window"],
    ["2024-01-09T23", "2024-01-20", false, "an hour too early"],
    ["2024-01-10", "2024-01-20T01", false, "an hour too late"],
  ])("%s..%s is covered: %s, because %s", (start, end, expected) => {
    expect(coversWindow(window, { start: at(start), end: at(end) })).toBe(expected);
  });

  test("a contract's commit serves that contract, a customer's the listed ones or all", () => {
    const own = named(null, null);
    const customers = { ...own, contractId: null };
    expect([servesContract(own, "contract"), servesContract(own, "other")]).toEqual([true, false]);
    expect(servesContract(customers, "other")).toBe(true);
    expect(servesContract({ ...customers, applicableContractIds: ["a"] }, "other")).toBe(false);
  });

  test("tags count as the products that carry one", () => {
    const products = [
      product,
      { productId: "q", productTags: ["eu"] },
      { productId: "r", productTags: [] },
    ];
    expect(toBurnRank(named(["r"], ["eu"]), window, products).productCount).toBe(3);
    expect(toBurnRank(named(null, null), window, products).productCount).toBe(ALL);
  });
});

test("a paid commit does not become a free one when its purchase has been invoiced", () => {
  const grant = segment("10", "2024-01-01", "2024-02-01");
  const paid = commit("c", "PREPAID", [grant], { invoiceContractId: "contract" });
  expect(toBurnRank({ ...paid, invoiceSchedule: [] }, grant, []).isFree).toBe(false);
  expect(toBurnRank(commit("c", "CREDIT", [grant]), grant, []).isFree).toBe(true);
});

test("a segment that was used beyond its amount has nothing left and owes nothing", () => {
  const over = { ...segment("10", "2024-01-01", "2024-02-01"), used: dec("12") };
  const [burning] = openPurse([{ ...commit("c", "CREDIT", []), segments: [over] }], []);
  expect(burning?.remaining.toFixed()).toBe("0");
});
