import { expect, test } from "vitest";
import { findDeviations } from "./find-deviations.ts";

const product = {
  id: "prod_1",
  object: "product",
  active: true,
  created: 1,
  description: null,
  images: [],
  livemode: false,
  marketing_features: [{ name: "x" }],
  metadata: { any: "key" },
  name: "P",
  package_dimensions: null,
  shippable: null,
  tax_details: null,
  type: "service",
  updated: 1,
  url: null,
};

test("a complete object has no deviations, with or without optional properties", () => {
  expect(findDeviations(product)).toEqual([]);
  expect(findDeviations({ ...product, unit_label: null })).toEqual([]);
});

test("what is missing, null or unknown is named, also inside", () => {
  const { url: _url, ...incomplete } = product;
  expect(findDeviations(incomplete)).toEqual(["$.url is missing"]);
  expect(findDeviations({ ...product, name: null })).toEqual(["$.name must be string"]);
  expect(findDeviations({ ...product, colour: "red" })).toEqual(["$.colour is unknown"]);
  const list = { object: "list", data: [incomplete] };
  expect(findDeviations(list)).toEqual(["$.data[0].url is missing"]);
  const dimensions = { ...product, package_dimensions: { height: 1, length: 1, width: 1 } };
  expect(findDeviations(dimensions)).toEqual(["$.package_dimensions.weight is missing"]);
});

test("objects of no known kind are not let through", () => {
  expect(findDeviations({ object: "unicorn" })).toHaveLength(1);
});
