import { expect, test } from "vitest";
import { instant, instantText } from "../time.ts";
import {
  type ProductState,
  type ProductUpdate,
  productStateAt,
  productVersions,
} from "./product-history.ts";

const initial: ProductState = {
  name: "Tokens",
  tags: ["ai"],
  metricId: "m1",
  quantityConversion: null,
  quantityRounding: null,
  pricingGroupKey: [],
  presentationGroupKey: [],
};
const update = (startingAt: string, changes: ProductUpdate["changes"]): ProductUpdate => ({
  startingAt: instant(startingAt),
  changes,
});

test.each<[ProductUpdate[], string[], string]>([
  [[], ["0001-01-01T00:00:00Z Tokens m1"], "a product without updates is what it was created as"],
  [
    [update("2024-02-01T00:00:00Z", { name: "Output tokens" })],
    ["0001-01-01T00:00:00Z Tokens m1", "2024-02-01T00:00:00Z Output tokens m1"],
    "an update keeps what it does not set",
  ],
  [
    [
      update("2024-02-01T00:00:00Z", { name: "B" }),
      update("2024-01-01T00:00:00Z", { metricId: "m2" }),
    ],
    [
      "0001-01-01T00:00:00Z Tokens m1",
      "2024-01-01T00:00:00Z Tokens m2",
      "2024-02-01T00:00:00Z B m2",
    ],
    "an update dated into the past lasts through later dated ones",
  ],
  [
    [
      update("2024-02-01T00:00:00Z", { name: "B", metricId: "m2" }),
      update("2024-02-01T00:00:00Z", { name: "C" }),
    ],
    ["0001-01-01T00:00:00Z Tokens m1", "2024-02-01T00:00:00Z C m2"],
    "of two updates at one instant the later made wins field by field",
  ],
])("%# gives %j", (updates, expected) => {
  const versions = productVersions(initial, updates);
  expect(versions.map((v) => `${instantText(v.startingAt)} ${v.name} ${v.metricId}`)).toEqual(
    expected,
  );
});

test("a version begins exactly at its instant", () => {
  const versions = productVersions(initial, [update("2024-02-01T00:00:00Z", { name: "B" })]);
  expect(productStateAt(versions, instant("2024-01-31T23:59:59.999Z")).name).toBe("Tokens");
  expect(productStateAt(versions, instant("2024-02-01T00:00:00Z")).name).toBe("B");
});
