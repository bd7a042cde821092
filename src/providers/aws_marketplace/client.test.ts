import { expect, test } from "vitest";
import { toResults } from "./client.ts";

const Timestamp = new Date("2024-01-01T01:00:00Z");
const record = (buyer: object, Quantity = 1) => ({
  Dimension: "spend",
  Timestamp,
  Quantity,
  ...buyer,
});
const ACCOUNT = { CustomerAWSAccountId: "111122223333" };
const IDENTIFIER = { CustomerIdentifier: "cust-1" };

test("a result is that of its record by whichever name of the buyer AWS answers", () => {
  const sent = [record(ACCOUNT), record(IDENTIFIER), record({ CustomerIdentifier: "cust-2" })];
  const answer = {
    Results: [
      // The buyer's other name stands beside the one that was sent.
      {
        Status: "Success",
        MeteringRecordId: "m2",
        UsageRecord: record({ ...IDENTIFIER, CustomerAWSAccountId: "999988887777" }),
      },
      { Status: "Success", MeteringRecordId: "m1", UsageRecord: record(ACCOUNT) },
    ],
    UnprocessedRecords: [record({ CustomerIdentifier: "cust-2", CustomerAWSAccountId: "4" })],
  } as const;
  expect(
    toResults(sent, {
      Results: [...answer.Results],
      UnprocessedRecords: [...answer.UnprocessedRecords],
    }),
  ).toMatchObject([
    { outcome: "accepted", recordId: "m1" },
    { outcome: "accepted", recordId: "m2" },
    { outcome: "refused", code: "unprocessed" },
  ]);
});
