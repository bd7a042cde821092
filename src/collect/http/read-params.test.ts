import { describe, expect, test } from "vitest";
import { AppError } from "../../errors.ts";
import { decodeForm } from "./form.ts";
import {
  amount,
  choice,
  currency,
  decimal,
  flag,
  hash,
  integer,
  listOf,
  metadata,
  optional,
  range,
  text,
  timestamp,
  unsettable,
} from "./params.ts";
import { readParams } from "./read-params.ts";

const schema = hash({
  name: text(5),
  count: optional(integer(1, 100)),
  amount: optional(amount()),
  price: optional(decimal()),
  at: optional(timestamp()),
  on: optional(flag()),
  kind: optional(choice("a", "b")),
  note: optional(unsettable(text())),
  currency: optional(currency()),
  metadata: optional(metadata()),
  created: optional(range()),
  lines: optional(listOf(hash({ x: integer(0, 9), tags: optional(listOf(text(), 2)) }), 2)),
});

describe("readParams", () => {
  test.each<[string, object, string]>([
    ["name=x&count=7", { name: "x", count: 7 }, "texts become numbers where declared"],
    ["name=x&amount=-250", { name: "x", amount: -250n }, "amounts are bigint minor units"],
    [
      "name=x&price=0.000000000001",
      { name: "x", price: "0.000000000001" },
      "12 decimals stay text",
    ],
    [
      "name=x&at=1700000000",
      { name: "x", at: "2023-11-14T22:13:20Z" },
      "unix seconds become instants",
    ],
    ["name=x&on=false", { name: "x", on: false }, "false is false"],
    ["name=x&note=", { name: "x", note: null }, "an empty value unsets what may be unset"],
    ["name=x&currency=USD", { name: "x", currency: "usd" }, "currencies in any case"],
    ["name=x&metadata=", { name: "x", metadata: null }, "empty metadata clears it"],
    [
      "name=x&metadata[a]=&metadata[b]=2",
      { name: "x", metadata: { a: "", b: "2" } },
      "an empty key is a deletion",
    ],
    ["name=x&created[gte]=60", { name: "x", created: { gte: "1970-01-01T00:01:00Z" } }, "bounds"],
    [
      "name=x&created=0",
      { name: "x", created: { gte: "1970-01-01T00:00:00Z", lte: "1970-01-01T00:00:00Z" } },
      "one second",
    ],
    [
      "name=x&lines[1][x]=2&lines[0][x]=1",
      { name: "x", lines: [{ x: 1 }, { x: 2 }] },
      "lists are in order of their index",
    ],
    ["name=x&lines=", { name: "x", lines: [] }, "an empty list"],
  ])("%s is read as declared", (form, expected) => {
    expect(readParams(schema, decodeForm(form))).toEqual(expected);
  });

  test.each([
    ["", "parameter_missing", "name"],
    ["name=", "parameter_invalid_empty", "name"],
    ["name=toolong", "parameter_invalid_string_too_long", "name"],
    ["name=x&nmae=y", "parameter_unknown", "nmae"],
    ["name[a]=x", "invalid_argument", "name"],
    ["name=x&constructor=y", "parameter_unknown", "constructor"],
    ["name=x&count=0", "parameter_invalid_integer", "count"],
    ["name=x&count=101", "parameter_invalid_integer", "count"],
    ["name=x&count=1.5", "parameter_invalid_integer", "count"],
    ["name=x&count=0x10", "parameter_invalid_integer", "count"],
    ["name=x&count=NaN", "parameter_invalid_integer", "count"],
    ["name=x&amount=10.5", "parameter_invalid_integer", "amount"],
    ["name=x&amount=1e3", "parameter_invalid_integer", "amount"],
    ["name=x&amount=1234567890123456", "parameter_invalid_integer", "amount"],
    ["name=x&price=0.0000000000001", "parameter_invalid_decimal", "price"],
    ["name=x&price=1e2", "parameter_invalid_decimal", "price"],
    ["name=x&on=1", "invalid_argument", "on"],
    ["name=x&kind=c", "invalid_argument", "kind"],
    ["name=x&currency=zzz", "parameter_invalid_enum", "currency"],
    ["name=x&created[ge]=1", "parameter_unknown", "created[ge]"],
    ["name=x&lines[0][y]=1", "parameter_unknown", "lines[0][y]"],
    ["name=x&lines[0][tags][0]=a", "parameter_missing", "lines[0][x]"],
    ["name=x&lines[a][x]=1", "invalid_argument", "lines"],
    ["name=x&lines[0][x]=1&lines[1][x]=1&lines[2][x]=1", "array_max_items", "lines"],
    [`name=x&metadata[${"k".repeat(41)}]=1`, "invalid_argument", `metadata[${"k".repeat(40)}]`],
  ])("%s is refused as %s of %s", (form, code, param) => {
    const read = () => readParams(schema, decodeForm(form));
    expect(read).toThrow(AppError);
    expect(read).toThrow(expect.objectContaining({ code, field: param }));
  });
});
