import { type Static, type TObject, Type } from "typebox";
import { instant } from "../../domain/time.ts";
import type { EditCommit } from "../../operations/edit-commit.ts";
import type { DatedPrice, ScheduleEdit } from "../../operations/plan-schedule-edits.ts";
import type { NewSegment } from "../../store/commits.ts";
import { fromSpecifiers, SpecifiersField } from "./commit-fields.ts";
import {
  DecimalField,
  EnumField,
  IdField,
  InstantField,
  ObjectField,
  TextField,
} from "./fields.ts";
import { NullableField } from "./nullable-field.ts";
import { fromPrice, MAX_SCHEDULE_ITEMS, prices } from "./schedule-fields.ts";

const many = <Item extends Parameters<typeof Type.Array>[0]>(item: Item) =>
  Type.Optional(Type.Array(item, { maxItems: MAX_SCHEDULE_ITEMS }));
const onHour = () => InstantField({ onHour: true });
const Removal = ObjectField({ id: IdField() });
const amount = () => DecimalField({ minimum: "0" });

/** What can be changed of commits and credits, whoever they belong to. */
export const editableFields = {
  name: Type.Optional(TextField({ max: 1024 })),
  description: Type.Optional(TextField({ min: 0, max: 4096 })),
  priority: Type.Optional(NullableField(DecimalField())),
  product_id: Type.Optional(IdField()),
  applicable_product_ids: Type.Optional(NullableField(Type.Array(IdField(), { maxItems: 10_000 }))),
  applicable_product_tags: Type.Optional(
    NullableField(Type.Array(TextField({ max: 200 }), { maxItems: 1000 })),
  ),
  specifiers: Type.Optional(NullableField(SpecifiersField())),
  rate_type: Type.Optional(EnumField(["LIST_RATE", "COMMIT_RATE"])),
  netsuite_sales_order_id: Type.Optional(NullableField(TextField({ max: 200 }))),
  access_schedule: Type.Optional(
    ObjectField({
      add_schedule_items: many(
        ObjectField({ amount: amount(), starting_at: onHour(), ending_before: onHour() }),
      ),
      remove_schedule_items: many(Removal),
      update_schedule_items: many(
        ObjectField({
          id: IdField(),
          amount: Type.Optional(amount()),
          starting_at: Type.Optional(onHour()),
          ending_before: Type.Optional(onHour()),
        }),
      ),
    }),
  ),
};

/** What cannot be changed of them. */
export const unsupportedEdits = { hierarchy_configuration: null };

const shared = {
  ...editableFields,
  customer_id: IdField(),
  applicable_contract_ids: Type.Optional(NullableField(Type.Array(IdField(), { maxItems: 1000 }))),
};

/** Dates of a purchase or charge to add, to take away, and to change. */
export const InvoiceScheduleEditField = () =>
  ObjectField({
    add_schedule_items: many(ObjectField({ timestamp: InstantField(), ...prices })),
    remove_schedule_items: many(Removal),
    update_schedule_items: many(
      ObjectField({ id: IdField(), timestamp: Type.Optional(InstantField()), ...prices }),
    ),
  });

/** The body that changes a commit. */
export const EditCommitBody = ObjectField(
  {
    ...shared,
    commit_id: IdField(),
    invoice_contract_id: Type.Optional(IdField()),
    invoice_schedule: Type.Optional(InvoiceScheduleEditField()),
  },
  { unsupported: unsupportedEdits },
);

/** The body that changes a credit. */
export const EditCreditBody = ObjectField(
  { ...shared, credit_id: IdField() },
  { unsupported: unsupportedEdits },
);

type CreditBody = Static<typeof EditCreditBody>;
type CommitBody = Static<typeof EditCommitBody>;

/** Where a commit has no priority of its own. */
const DEFAULT_PRIORITY = "100";

const unlessAbsent = <Value>(values: readonly Value[] | null | undefined) =>
  values === undefined ? undefined : (values ?? []);

/** What to change of a credit. */
export function fromEditCredit(body: CreditBody): EditCommit {
  return { ...fromShared(body), id: body.credit_id, what: "credit" };
}

/** What to change of a commit. */
export function fromEditCommit(body: CommitBody): EditCommit {
  return {
    ...fromShared(body),
    id: body.commit_id,
    what: "commit",
    invoiceContractId: body.invoice_contract_id,
    invoices: fromItemEdits(body.invoice_schedule),
  };
}

/** Changes of the dates of a purchase or charge; absent: none. */
export const fromItemEdits = (
  schedule: Static<ReturnType<typeof InvoiceScheduleEditField>> | undefined,
): ScheduleEdit<DatedPrice> => ({
  add: (schedule?.add_schedule_items ?? []).map((item) => ({
    at: instant(item.timestamp),
    ...fromPrice(item),
  })),
  removeIds: (schedule?.remove_schedule_items ?? []).map(({ id }) => id),
  update: (schedule?.update_schedule_items ?? []).map(({ id, timestamp, ...price }) => ({
    id,
    ...(timestamp === undefined ? {} : { at: instant(timestamp) }),
    ...fromPrice(price),
  })),
});

const fromShared = (body: Omit<CreditBody, "credit_id">): Omit<EditCommit, "id" | "what"> => ({
  ...fromEditable(body),
  customerId: body.customer_id,
  applicableContractIds: unlessAbsent(body.applicable_contract_ids),
});

type EditableBody = Static<TObject<typeof editableFields>>;

/** What to change of a commit or credit of any owner; nothing of a purchase. */
export const fromEditable = (
  body: EditableBody,
): Omit<EditCommit, "id" | "what" | "customerId"> => ({
  name: body.name,
  description: body.description,
  priority: body.priority === null ? DEFAULT_PRIORITY : body.priority,
  productId: body.product_id,
  applicableProductIds: unlessAbsent(body.applicable_product_ids),
  applicableProductTags: unlessAbsent(body.applicable_product_tags),
  applicableContractIds: undefined,
  rateType: body.rate_type,
  netsuiteSalesOrderId: body.netsuite_sales_order_id,
  specifiers: body.specifiers === undefined ? undefined : fromSpecifiers(body.specifiers),
  access: fromAccess(body.access_schedule),
  invoiceContractId: undefined,
  invoices: { add: [], removeIds: [], update: [] },
});

const fromAccess = (access: EditableBody["access_schedule"]): ScheduleEdit<NewSegment> => ({
  add: (access?.add_schedule_items ?? []).map((item) => ({
    amount: item.amount,
    startingAt: item.starting_at,
    endingBefore: item.ending_before,
  })),
  removeIds: (access?.remove_schedule_items ?? []).map(({ id }) => id),
  update: (access?.update_schedule_items ?? []).map((item) => ({
    id: item.id,
    ...(item.amount === undefined ? {} : { amount: item.amount }),
    ...(item.starting_at === undefined ? {} : { startingAt: item.starting_at }),
    ...(item.ending_before === undefined ? {} : { endingBefore: item.ending_before }),
  })),
});
