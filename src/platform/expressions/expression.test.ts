import { describe, expect, test } from "vitest";
import { createLanguage, type ExpressionValues } from "./expression.ts";
import { ExpressionError } from "./expression-error.ts";

const read = createLanguage({
  values: { id: "text", accountName: "text", accountCode: "optional", currency: "optional" },
  records: {
    customFields: "any",
    address: ["addressLine1", "locality", "region", "postCode", "country"],
  },
});

const ACCOUNT: ExpressionValues = {
  id: "a-1",
  accountName: "Acme AND Sons",
  accountCode: null,
  currency: "USD",
  customFields: { country: "UK", seats: "12", share: "0.5", quote: 'say "hi"', and: "yes" },
  address: { country: "GB", postCode: "SW1A 1AA" },
};

function outcome(source: string, values = ACCOUNT): string {
  try {
    return String(read(source).holds(values));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return `error${error.position === undefined ? "" : ` at ${error.position}`}: ${error.message}`;
  }
}

describe("the dialect", () => {
  test.each([
    ['customFields != null AND customFields.country = "UK"', "true", "the guide's own example"],
    ['customFields.country == "UK"', "true", "a double equals sign as well"],
    ["customFields.country = 'UK'", "true", "single quotes"],
    ['customFields.country <> "UK"', "false", "<> is unequal"],
    ['customFields.country != "US"', "true", "!= is unequal"],
    ['customFields.country = "uk"', "false", "texts compare exactly"],
    ['customFields["country"] = "UK"', "true", "a field by its text"],
    ['customFields.and = "yes"', "true", "after a point a word is a field"],
    ['currency = "USD" and customFields.country = "US"', "false", "and in lower case"],
    ['currency = "USD" Or customFields.country = "US"', "true", "or in any case"],
    ['currency = "EUR" OR currency = "USD" AND id = "a-1"', "true", "AND binds more than OR"],
    ['NOT currency = "EUR"', "true", "NOT negates the comparison"],
    ['NOT currency = "USD" OR id = "a-1"', "true", "and no more than that"],
    ['NOT NOT currency = "USD"', "true", "twice"],
    ['NOT (currency = "USD" AND id = "b")', "true", "a bracket"],
    ['(NOT currency = "USD")', "false", "inside of a bracket"],
    ['not(currency = "USD") ? true : id = "a-1"', "true", "in a condition"],
    ['!(currency = "USD")', "false", "! as in CEL"],
    ['accountName = "Acme AND Sons"', "true", "words in quotes stay"],
    ['accountName = "a = b <> c"', "false", "signs in quotes stay"],
    ['customFields.quote = "say \\"hi\\""', "true", "quotes in quotes"],
    ['currency in ["EUR", "USD"]', "true", "a list"],
    ['NOT currency in ["EUR", "USD"]', "false", "not in a list"],
    ['accountName.startsWith("Acme")', "true", "the beginning"],
    ['accountName.endsWith("Sons")', "true", "the end"],
    ['accountName.contains("AND")', "true", "a part"],
    ["size(currency) = 3", "true", "the length"],
    ['currency = "USD" ? address.country = "GB" : false', "true", "a choice"],
    ["true", "true", "a constant condition"],
  ])("%s is %s: %s", (source, expected) => {
    expect(outcome(source)).toBe(expected);
  });
});

describe("what is missing is null", () => {
  test.each([
    ['customFields.region = "EU"', "false", "unequal to every text"],
    ['customFields.region != "EU"', "true", "and so different from it"],
    ["customFields.region = null", "true", "equal to null"],
    ["accountCode = null", "true", "a value that the account does not have"],
    ["customFields.region > 5", "false", "neither more"],
    ["customFields.region <= 5", "false", "nor less"],
    ['"a" < customFields.region', "false", "on either side"],
    ["customFields.region >= customFields.other", "false", "null is not at least null"],
    ['customFields.region in ["EU"]', "false", "in no list"],
    ['customFields.region in ["EU", null]', "true", "that does not hold it"],
    ['customFields.region.startsWith("E")', "false", "has no beginning"],
    ["size(customFields.region) = 0", "true", "and no length"],
    ["has(customFields.region)", "false", "is not there"],
    ["has(customFields.country)", "true", "what is there is there"],
    ["HAS(customFields.country)", "error", "functions are written as they are"],
    ['has(customFields.region) AND customFields.region = "EU"', "false", "a guard"],
    ["customFields != null", "true", "the record itself is always there"],
    ['address.country = "GB"', "true", "a known field"],
    ['address.region = "X"', "false", "a known field that is empty"],
    ["customFields.__proto__ = null", "true", "nothing is inherited"],
    ["customFields.constructor = null", "true", "nothing at all"],
    ["customFields.toString = null", "true", "nothing at all"],
  ])("%s is %s: %s", (source, expected) => {
    expect(outcome(source)).toMatch(expected === "error" ? /^error/ : new RegExp(`^${expected}$`));
  });

  test("an account without fields and address", () => {
    const bare = { id: "a-2", accountName: "Bare", accountCode: null, currency: null };
    const guarded = 'customFields != null AND customFields.country = "UK"';
    expect(outcome(guarded, bare)).toBe("false");
    expect(outcome('NOT address.country = "US"', bare)).toBe("true");
  });
});

describe("numbers, which are kept as text", () => {
  test.each([
    ["customFields.seats > 5", "true", "compare as numbers"],
    ["customFields.seats > 100", "false", "and not by their digits"],
    ["5 < customFields.seats", "true", "on either side"],
    ["customFields.seats = 12", "true", "equal"],
    ["12 = customFields.seats", "true", "on either side"],
    ["customFields.seats != 12", "false", "unequal"],
    ["customFields.seats = 12.0", "true", "with a point"],
    ["customFields.share <= 0.5", "true", "a fraction"],
    ["customFields.share < 1", "true", "a fraction with a whole number"],
    ["customFields.seats > -1", "true", "a negative number"],
    ['customFields.seats = "12"', "true", "the text itself"],
    ['customFields.seats = "12.0"', "false", "texts compare exactly"],
    ["customFields.country = 12", "false", "another text is no number"],
    ["customFields.country > 12", 'error: "UK" is no number, so it is neither more nor less', ""],
    ['customFields.country > 12 OR currency = "USD"', "true", "one side is enough for OR"],
    ["customFields.country > true", "error: no such overload", "truth has no order with text"],
  ])("%s is %s: %s", (source, expected) => {
    expect(outcome(source).startsWith(expected)).toBe(true);
  });
});

describe("what cannot be saved, and where", () => {
  test.each([
    ["customFields.country = UK", 23, /unknown name UK; if it is meant as text, write "UK"/],
    ["country = 'UK'", 0, /unknown name country/],
    ["", 0, /empty/],
    ["   ", 0, /empty/],
    ["currency", 0, /true or false/],
    ["customFields.country", 0, /true or false/],
    ["size(currency)", 0, /true or false/],
    ['"USD"', 0, /true or false/],
    ['currency = "USD" AND customFields.country', 21, /expected a condition/],
    ["NOT currency", 4, /expected a condition/],
    ['currency = "USD', 11, /no closing quote/],
    ['currency = "USD" AND', 20, /EOF/],
    ['(currency = "USD"', 17, /RPAREN/],
    ['currency = "USD")', 16, /Unexpected/],
    ['address.city = "X"', 0, /address has no field city; it has addressLine1/],
    ['id.length = "1"', 0, /id is a value and has no fields/],
    ['customFields.a.b = "1"', 0, /no fields of its own/],
    ['customFields[currency] = "1"', 0, /named by text/],
    ["1 + 1 = 2", 0, /\+ is not allowed/],
    ['id + "a" = "b"', 0, /\+ is not allowed/],
    ['id.matches("^(a+)+$")', 0, /matches is not allowed/],
    ['["a"].all(x, x = id)', 0, /all is not allowed|unknown/i],
    ["type(id) = string", 0, /type is not allowed/],
    ["cel.bind(x, true, x)", 0, /bind is not allowed/],
    ["dyn(id) = 5", 0, /dyn is not allowed/],
    ['{"a": true}.a', 0, /no fields of its own/],
    ["id in customFields", 6, /after in stands a list/],
    ["customFields.seats in [12]", 23, /holds texts/],
    ['r"a" = id', 1, /no prefix r/],
    ['b"a" = id', 1, /no prefix b/],
    ['id = """a"""', 7, /two texts/],
    ['id = "a" // always', 9, /comments/],
    ['id = "a"; drop table customers', 8, /Unexpected/],
    ["process.exit()", 0, /exit is not allowed/],
    ['constructor.constructor("return 1")()', 0, /./],
    ["__proto__ = null", undefined, /./],
    ["this = null", 0, /unknown name this/],
    ["b'x' = id", 1, /no prefix/],
    ["1u = 1u", 0, /only texts, numbers/],
    [`currency = "${"x".repeat(2000)}"`, 2000, /longer than 2000/],
    [Array(60).fill('id = "a"').join(" OR "), undefined, /too large|more than 200/],
    [`${"(".repeat(30)}id = "a"${")".repeat(30)}`, undefined, /too large|nested/],
    [`${"!".repeat(40)}true`, undefined, /too large|nested/],
  ])("%s at %s: %s", (source, position, message) => {
    try {
      read(source);
    } catch (error) {
      expect(error).toBeInstanceOf(ExpressionError);
      const { message: given, position: at } = error as ExpressionError;
      expect(given).toMatch(message);
      if (position !== undefined) expect(at).toBe(position);
      return;
    }
    throw new Error("it was taken");
  });

  test("49 conditions are few enough", () => {
    expect(outcome(Array(49).fill('id = "a"').join(" OR "))).toBe("false");
  });
});
