import { expect, test } from "vitest";
import type { EntityMapping } from "../entity-mappings.ts";
import { checkMappings } from "./check-mappings.ts";

const rule = (text: string): EntityMapping => {
  const [entity, key = "", target = ""] = text.split(" ");
  return { entity, key, target } as EntityMapping;
};

test.each([
  ["contract_product stripe_product_id invoiceitem.price", 255],
  ["subscription plan invoiceitem.price", 255],
  ["contract_product region invoiceitem.metadata.region", 500],
  ["contract name invoiceitem.metadata.contract", 500],
  ["contract_product code invoiceitem.price.metadata.tax_code", 500],
  ["customer segment invoice.metadata.segment", 500],
  ["rate_card name invoice.custom_field.Plan", 140],
  ["invoice po invoice.custom_field.PO", 140],
])("%s takes %s characters", (text, maxLength) => {
  expect(checkMappings([rule(text)])).toEqual([{ ...rule(text), maxLength }]);
});

const many = (count: number, prefix: string, entity = "contract") =>
  Array.from({ length: count }, (_, n) => `${entity} key ${prefix}${n}`);

test.each<[string[], RegExp]>([
  [["alert x invoice.metadata.a"], /^data\[0\]\.entity must be one of contract, rate_card/],
  [["contract x invoice"], /^data\[0\]\.target must be invoiceitem\.price, /],
  [["contract x invoice.metadata."], /^data\[0\]\.target must be /],
  [["contract x invoiceitem.price.product"], /^data\[0\]\.target must be /],
  [["contract x invoice.custom_fields.Name"], /^data\[0\]\.target must be /],
  [["contract_product x invoice.metadata.a"], /must be on invoiceitem/],
  [["commit x invoice.custom_field.A"], /must be on invoiceitem/],
  [["contract x invoiceitem.price"], /must not be invoiceitem\.price for contract/],
  [[`contract x invoice.custom_field.${"n".repeat(41)}`], /at most 40 characters/],
  [[`contract x invoice.metadata.${"n".repeat(41)}`], /at most 40 characters/],
  [["contract x invoice.metadata.a[b]"], /without square brackets/],
  [["contract x invoice.metadata.metronome_id"], /must not name metronome_id/],
  [["contract x invoiceitem.metadata.ledgerline_line_key"], /must not name ledgerline_line_key/],
  [["contract x invoiceitem.price.metadata.ledgerline_x"], /must not name ledgerline_x/],
  [
    ["contract x invoice.metadata.a", "customer x invoice.metadata.a"],
    /^data\[1\]\.target must be another than that of data\[0\]/,
  ],
  [many(5, "invoice.custom_field."), /^data must have at most 4 rules to invoice\.custom_field\./],
  [many(48, "invoice.metadata."), /at most 47 rules to invoice\.metadata\.: Stripe takes 50/],
  [many(50, "invoiceitem.metadata."), /at most 49 rules/],
  [many(51, "invoiceitem.price.metadata."), /at most 50 rules/],
])("%j is refused: %s", (rules, message) => {
  expect(() => checkMappings(rules.map(rule))).toThrow(message);
});

test("as many as Stripe takes are taken", () => {
  const rules = [
    ...many(4, "invoice.custom_field."),
    ...many(47, "invoice.metadata."),
    ...many(49, "invoiceitem.metadata."),
    ...many(50, "invoiceitem.price.metadata."),
  ];
  expect(checkMappings(rules.map(rule))).toHaveLength(150);
});
