import { expect, test } from "vitest";
import { readSearchQuery } from "./search-query.ts";

const FIELDS = ["name", "code", "emailAddress"] as const;

test.each([
  ["name:Acme", [["name", ":", "Acme"]], "one term"],
  [
    "name~Ac$code:a-1",
    [
      ["name", "~", "Ac"],
      ["code", ":", "a-1"],
    ],
    "$ parts two terms",
  ],
  ["code>=a", [["code", ">=", "a"]], "the longer operator wins"],
  ["code<b", [["code", "<", "b"]], "less"],
  ["name:Acme: the firm", [["name", ":", "Acme: the firm"]], "only the first operator counts"],
  ["$name:Acme$", [["name", ":", "Acme"]], "empty parts say nothing"],
])("%s is %j, because %s", (text, terms) => {
  const read = readSearchQuery(text, FIELDS);
  expect("terms" in read && read.terms.map((t) => [t.field, t.operator, t.value])).toEqual(terms);
});

test.each([
  ["", "no term"],
  ["name", "of the form"],
  ["name:", "of the form"],
  ["Name:Acme", "not a field to search by"],
  ["currency:USD", "not a field to search by"],
])("%j is refused: %s", (text, problem) => {
  const read = readSearchQuery(text, FIELDS);
  expect("problem" in read && read.problem).toContain(problem);
});
