import { expect, test } from "vitest";
import { parseSearch } from "./search-query.ts";

const show = (query: string): string => {
  try {
    const { joined, clauses } = parseSearch(query);
    return clauses
      .map(({ negated, field, key, operator, value }) =>
        [negated ? "not " : "", field, key === undefined ? "" : `.${key}`, operator, value].join(
          "",
        ),
      )
      .join(` ${joined} `);
  } catch {
    return "refused";
  }
};

test.each([
  [`metadata["order_id"]:"6735"`, "metadata.order_id:6735", "the common case"],
  [`metadata['a b']:'it\\'s'`, "metadata.a b:it's", "single quotes, escapes"],
  [`status:"open" AND total>1000`, "status:open and total>1000", "numbers need no quotes"],
  [`status:"open" total>=1000`, "status:open and total>=1000", "AND may be left out"],
  [`status:"open" OR status:"paid"`, "status:open or status:paid", "either"],
  [`-currency:"eur"`, "not currency:eur", "negation"],
  [`metadata["a"]:null`, "metadata.a:", "no value"],
  [`email~"amy"`, "email~amy", "part of a text"],
  [`a:"1" AND b:"2" OR c:"3"`, "refused", "no mixture"],
  [`metadata["a":"b"`, "refused", "a bracket is missing"],
  [`status:"open" AND`, "refused", "something is missing"],
  [``, "refused", "nothing at all"],
  [`status:"op`, "refused", "an open quote"],
])("%s reads as %s (%s)", (query, expected) => {
  expect(show(query)).toBe(expected);
});
