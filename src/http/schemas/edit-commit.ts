import { type Static, Type } from "typebox";
import { instant } from "../../domain/time.ts";
import type { EditCommit } from "../../operations/edit-commit.ts";
import type { ScheduleEdit } from "../../operations/plan-schedule-edits.ts";
import type { NewSegment } from "../../store/commits.ts";
import { fromSpecifiers, SpecifiersField } from "./commit-fields.ts";
import { DecimalField, IdField, InstantField, ObjectField, TextField } from "./fields.ts";
import { NullableField } from "./nullable-field.ts";
import { fromPrice, MAX_SCHEDULE_ITEMS, prices } from "./schedule-fields.ts";

const many = <Item extends Parameters<typeof Type.Array>[0]>(item: Item) =>
  Type.Optional(Type.Array(item, { maxItems: MAX_SCHEDULE_ITEMS }));
const onHour = () => InstantField({ onHour: true });
const Removal = ObjectField({ id: IdField() });
const amount = () => DecimalField({ minimum: "0" });

const shared = {
  customer_id: IdField(),
  name: Type.Optional(TextField({ max: 1024 })),
  description: Type.Optional(TextField({ min: 0, max: 4096 })),
  priority: Type.Optional(NullableField(DecimalField())),
  product_id: Type.Optional(IdField()),
  applicable_product_ids: Type.Optional(NullableField(Type.Array(IdField(), { maxItems: 10_000 }))),
  applicable_product_tags: Type.Optional(
    NullableField(Type.Array(TextField({ max: 200 }), { maxItems: 1000 })),
  ),
  applicable_contract_ids: Type.Optional(NullableField(Type.Array(IdField(), { maxItems: 1000 }))),
  specifiers: Type.Optional(NullableField(SpecifiersField())),
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

const unsupported = { hierarchy_configuration: null, rate_type: null };

/** The body that changes a commit. */
export const EditCommitBody = ObjectField(
  {
    ...shared,
    commit_id: IdField(),
    invoice_contract_id: Type.Optional(IdField()),
    invoice_schedule: Type.Optional(
      ObjectField({
        add_schedule_items: many(ObjectField({ timestamp: InstantField(), ...prices })),
        remove_schedule_items: many(Removal),
        update_schedule_items: many(
          ObjectField({ id: IdField(), timestamp: Type.Optional(InstantField()), ...prices }),
        ),
      }),
    ),
  },
  { unsupported },
);

/** The body that changes a credit. */
export const EditCreditBody = ObjectField({ ...shared, credit_id: IdField() }, { unsupported });

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
  const invoices = body.invoice_schedule;
  return {
    ...fromShared(body),
    id: body.commit_id,
    what: "commit",
    invoiceContractId: body.invoice_contract_id,
    invoices: {
      add: (invoices?.add_schedule_items ?? []).map((item) => ({
        at: instant(item.timestamp),
        ...fromPrice(item),
      })),
      removeIds: (invoices?.remove_schedule_items ?? []).map(({ id }) => id),
      update: (invoices?.update_schedule_items ?? []).map(({ id, timestamp, ...price }) => ({
        id,
        ...(timestamp === undefined ? {} : { at: instant(timestamp) }),
        ...fromPrice(price),
      })),
    },
  };
}

const fromShared = (body: Omit<CreditBody, "credit_id">): Omit<EditCommit, "id" | "what"> => ({
  customerId: body.customer_id,
  name: body.name,
  description: body.description,
  priority: body.priority === null ? DEFAULT_PRIORITY : body.priority,
  productId: body.product_id,
  applicableProductIds: unlessAbsent(body.applicable_product_ids),
  applicableProductTags: unlessAbsent(body.applicable_product_tags),
  applicableContractIds: unlessAbsent(body.applicable_contract_ids),
  specifiers: body.specifiers === undefined ? undefined : fromSpecifiers(body.specifiers),
  access: fromAccess(body.access_schedule),
  invoiceContractId: undefined,
  invoices: { add: [], removeIds: [], update: [] },
});

const fromAccess = (access: CreditBody["access_schedule"]): ScheduleEdit<NewSegment> => ({
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
