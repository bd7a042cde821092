import type { CoreTransaction } from "../db/database.ts";
import type { CustomFields } from "../domain/custom-fields/entity.ts";
import type { CommitLife, Life } from "../domain/notifications/life.ts";
import { type Notice, noticeId } from "../domain/notifications/notices.ts";
import { instantText } from "../domain/time.ts";
import { listCustomFields } from "../store/custom-field-values.ts";
import type { OperationContext } from "./context.ts";
import { sendWebhook } from "./send-webhook.ts";

/** What is to be told of one contract, commit or credit. */
export interface Telling {
  readonly life: Life;
  readonly notices: readonly Notice[];
}

/**
 * Tells notices of a customer's contracts, commits and credits; their ids follow from what they say,
 * so telling one again changes nothing. `timestamp` is the event's own, also of one told before or
 * after it.
 */
export async function tellLifecycle(
  tx: CoreTransaction,
  ctx: OperationContext,
  customerId: string,
  tellings: readonly Telling[],
): Promise<void> {
  const wanted = tellings.filter(({ notices }) => notices.length > 0);
  if (wanted.length === 0) return;
  const lives = wanted.map(({ life }) => life);
  const fields = await loadFields(tx, ctx.environment.id, customerId, lives);
  for (const { life, notices } of wanted) {
    const parties = toParties(ctx, customerId, life, fields);
    for (const notice of notices) {
      const { event } = notice;
      const body = { timestamp: instantText(event.at), ...parties, ...toDetails(notice) };
      await sendWebhook(tx, ctx, { id: noticeId(life, notice), type: event.type, body });
    }
  }
}

type FieldsById = ReadonlyMap<string, CustomFields>;

async function loadFields(
  tx: CoreTransaction,
  environmentId: string,
  customerId: string,
  lives: readonly Life[],
): Promise<FieldsById> {
  const idsOf = (kind: Life["kind"]) =>
    lives.filter((life) => life.kind === kind).map(({ id }) => id);
  const contractIds = new Set(lives.flatMap(({ contractId }) => contractId ?? []));
  const kinds = [
    ["customer", [customerId]],
    ["contract", [...contractIds]],
    ["commit", idsOf("commit")],
    ["contract_credit", idsOf("credit")],
  ] as const;
  const found = new Map<string, CustomFields>();
  for (const [entity, ids] of kinds) {
    for (const [id, own] of await listCustomFields(tx, environmentId, entity, ids)) {
      found.set(id, own);
    }
  }
  return found;
}

function toParties(ctx: OperationContext, customerId: string, life: Life, fields: FieldsById) {
  const of = (id: string): CustomFields => fields.get(id) ?? {};
  return {
    environment_type: ctx.environment.name,
    customer_id: customerId,
    customer_custom_fields: of(customerId),
    ...(life.contractId === null
      ? {}
      : { contract_id: life.contractId, contract_custom_fields: of(life.contractId) }),
    ...(life.kind === "contract" ? {} : toCommitFields(life, of(life.id))),
  };
}

const toCommitFields = ({ kind, id, recurringId }: CommitLife, own: CustomFields) => ({
  [`${kind}_id`]: id,
  [`${kind}_custom_fields`]: own,
  ...(recurringId === null ? {} : { [`parent_recurring_${kind}_id`]: recurringId }),
});

function toDetails({ event: { segment }, rule: { offset } }: Notice) {
  return {
    ...(segment === undefined
      ? {}
      : {
          segment_id: segment.id,
          segment_index: segment.index,
          segment_count: segment.count,
        }),
    ...(offset === null ? {} : { offset_id: offset.id, offset_duration: offset.text }),
  };
}
