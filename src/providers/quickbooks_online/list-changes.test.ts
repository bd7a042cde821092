import { expect, test } from "vitest";
import { readChangeFeed } from "./list-changes.ts";
import { linkedDocuments } from "./related-documents.ts";

const at = (LastUpdatedTime: string) => ({ MetaData: { LastUpdatedTime } });
const feed = (...responses: object[]) => ({ CDCResponse: [{ QueryResponse: responses }] });

test.each<[string, object, object[]]>([
  ["nothing changed", feed({}), []],
  ["an answer that is none", {}, []],
  [
    "an invoice, in the company's own time",
    feed({ Invoice: [{ Id: "12", ...at("2026-03-01T05:00:00-08:00") }] }),
    [
      {
        eventId: "cdc:invoice:12:changed:2026-03-01T13:00:00Z",
        type: "invoice.changed",
        externalId: "12",
      },
    ],
  ],
  [
    "a credit memo that is gone",
    feed({ CreditMemo: [{ Id: "7", status: "Deleted", ...at("2026-03-01T13:00:00Z") }] }),
    [
      {
        eventId: "cdc:creditmemo:7:deleted:2026-03-01T13:00:00Z",
        type: "creditmemo.deleted",
        externalId: "creditmemo-7",
      },
    ],
  ],
  [
    "a payment leads to what it pays",
    feed({}, { Payment: [{ Id: "9", ...at("2026-03-01T13:00:00Z") }] }),
    [{ type: "payment.changed", externalId: undefined, related: "payment-9" }],
  ],
  [
    "what has no id or no time cannot be told apart",
    feed({ Invoice: [{ Id: "12" }, at("2026-03-01T13:00:00Z"), { Id: "1", ...at("soon") }] }),
    [],
  ],
  ["what is not about us", feed({ Customer: [{ Id: "1", ...at("2026-03-01T13:00:00Z") }] }), []],
])("the change feed: %s", (_name, body, expected) => {
  expect(readChangeFeed({ ...body })).toMatchObject(expected);
  expect(readChangeFeed({ ...body })).toHaveLength(expected.length);
});

const link = (TxnId: string, TxnType: string) => ({ LinkedTxn: [{ TxnId, TxnType }] });

test.each<[string, object, string[]]>([
  ["one invoice", { Line: [link("12", "Invoice")] }, ["12"]],
  ["each once", { Line: [link("12", "Invoice"), link("12", "Invoice")] }, ["12"]],
  [
    "credit that is put to an invoice changes both",
    { Line: [link("12", "Invoice"), link("12", "CreditMemo")] },
    ["12", "creditmemo-12"],
  ],
  ["other things are not ours", { Line: [link("3", "JournalEntry"), {}] }, []],
  ["a payment of nothing", {}, []],
])("what a payment changes: %s", (_name, payment, expected) => {
  expect(linkedDocuments({ ...payment })).toEqual(expected);
});
