import { Type } from "typebox";
import { dec } from "../../domain/decimal.ts";
import { instant } from "../../domain/time.ts";
import { addLedgerEntry } from "../../operations/add-ledger-entry.ts";
import { archiveCommit } from "../../operations/archive-commit.ts";
import { disableTrueUp } from "../../operations/disable-true-up.ts";
import { editCommit } from "../../operations/edit-commit.ts";
import { releasePayment } from "../../operations/release-payment.ts";
import { shortenCommit } from "../../operations/shorten-commit.ts";
import { toCommitUpdate, toCreditUpdate } from "../edit-parts/change-commits.ts";
import { operationOf } from "../request-context.ts";
import {
  EditCommitBody,
  EditCreditBody,
  fromEditCommit,
  fromEditCredit,
} from "../schemas/edit-commit.ts";
import {
  DecimalField,
  EnumField,
  IdField,
  InstantField,
  ObjectField,
  TextField,
} from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import type { CoreServer } from "../server.ts";

const ManualEntryBody = ObjectField(
  {
    id: IdField(),
    customer_id: IdField(),
    contract_id: Type.Optional(NullableField(IdField())),
    segment_id: IdField(),
    amount: DecimalField(),
    reason: TextField({ max: 4096 }),
    timestamp: Type.Optional(NullableField(InstantField())),
  },
  { unsupported: { per_group_amounts: {} } },
);

const DisableTrueupBody = ObjectField(
  { customer_id: IdField(), contract_id: IdField(), commit_id: IdField() },
  { unsupported: { amendment_id: null } },
);

const CommitEndBody = ObjectField({
  customer_id: IdField(),
  commit_id: IdField(),
  access_ending_before: Type.Optional(NullableField(InstantField({ onHour: true }))),
  invoices_ending_before: Type.Optional(NullableField(InstantField())),
});

const CreditEndBody = ObjectField({
  customer_id: IdField(),
  credit_id: IdField(),
  access_ending_before: InstantField({ onHour: true }),
});

const toInstant = (text: string | null | undefined) => (text == null ? undefined : instant(text));

/** Changes of commits and credits after they were made. */
export function addCommitChangeRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/contracts/addManualBalanceLedgerEntry",
    config: { oneSnapshot: true },
    schema: { tags: ["balances"], summary: "Correct a balance by hand", body: ManualEntryBody },
    handler: async (request) => {
      const { body } = request;
      await addLedgerEntry(operationOf(request), {
        customerId: body.customer_id,
        id: body.id,
        segmentId: body.segment_id,
        contractId: body.contract_id ?? undefined,
        amount: dec(body.amount),
        reason: body.reason,
        at: toInstant(body.timestamp),
      });
    },
  });

  http.route({
    method: "POST",
    url: "/v1/contracts/commits/disableTrueup",
    config: { oneSnapshot: true },
    schema: { tags: ["commits"], summary: "Drop a true-up", body: DisableTrueupBody },
    handler: async (request) => {
      const { customer_id: customerId, contract_id: contractId, commit_id } = request.body;
      await disableTrueUp(operationOf(request), { customerId, contractId, commitId: commit_id });
      return { data: { id: commit_id } };
    },
  });

  http.route({
    method: "POST",
    url: "/v1/contracts/commits/threshold-billing/release",
    schema: {
      tags: ["commits"],
      summary: "Tell how a payment ended that was made elsewhere",
      body: ObjectField({ workflow_id: IdField(), outcome: EnumField(["PAID", "FAILED"]) }),
    },
    handler: async (request) => {
      const { workflow_id: id, outcome } = request.body;
      await releasePayment(operationOf(request), id, outcome);
    },
  });

  addEndRoutes(http);
  addEditRoutes(http);
  addArchiveRoutes(http);
}

function addEditRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v2/contracts/commits/edit",
    config: { codes: true, oneSnapshot: true },
    schema: { tags: ["commits"], summary: "Change a commit", body: EditCommitBody },
    handler: async (request) => {
      const { commit_id: id } = request.body;
      const edit = fromEditCommit(request.body);
      await editCommit(operationOf(request), edit, toCommitUpdate(request.body));
      return { data: { id } };
    },
  });

  http.route({
    method: "POST",
    url: "/v2/contracts/credits/edit",
    config: { codes: true, oneSnapshot: true },
    schema: { tags: ["credits"], summary: "Change a credit", body: EditCreditBody },
    handler: async (request) => {
      const { credit_id: id } = request.body;
      const edit = fromEditCredit(request.body);
      await editCommit(operationOf(request), edit, toCreditUpdate(request.body));
      return { data: { id } };
    },
  });
}

function addEndRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/contracts/customerCommits/updateEndDate",
    config: { oneSnapshot: true },
    schema: { tags: ["commits"], summary: "End a prepaid commit earlier", body: CommitEndBody },
    handler: async (request) => {
      const { body } = request;
      await shortenCommit(operationOf(request), {
        customerId: body.customer_id,
        id: body.commit_id,
        what: "commit",
        accessEndingBefore: toInstant(body.access_ending_before),
        invoicesEndingBefore: toInstant(body.invoices_ending_before),
      });
      return { data: { id: body.commit_id } };
    },
  });

  http.route({
    method: "POST",
    url: "/v1/contracts/customerCredits/updateEndDate",
    config: { oneSnapshot: true },
    schema: { tags: ["credits"], summary: "End a credit earlier", body: CreditEndBody },
    handler: async (request) => {
      const { body } = request;
      await shortenCommit(operationOf(request), {
        customerId: body.customer_id,
        id: body.credit_id,
        what: "credit",
        accessEndingBefore: instant(body.access_ending_before),
        invoicesEndingBefore: undefined,
      });
      return { data: { id: body.credit_id } };
    },
  });
}

function addArchiveRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v2/contracts/commits/archive",
    config: { codes: true, oneSnapshot: true },
    schema: {
      tags: ["commits"],
      summary: "Archive a commit",
      body: ObjectField({ customer_id: IdField(), commit_id: IdField() }),
    },
    handler: async (request) => {
      const { customer_id: customerId, commit_id: id } = request.body;
      await archiveCommit(operationOf(request), { customerId, id, what: "commit" });
      return { data: { id } };
    },
  });

  http.route({
    method: "POST",
    url: "/v2/contracts/credits/archive",
    config: { codes: true, oneSnapshot: true },
    schema: {
      tags: ["credits"],
      summary: "Archive a credit",
      body: ObjectField({ customer_id: IdField(), credit_id: IdField() }),
    },
    handler: async (request) => {
      const { customer_id: customerId, credit_id: id } = request.body;
      await archiveCommit(operationOf(request), { customerId, id, what: "credit" });
      return { data: { id } };
    },
  });
}
