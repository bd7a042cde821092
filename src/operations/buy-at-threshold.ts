import type { CoreTransaction } from "../db/database.ts";
import { toText } from "../domain/decimal.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import { instantText } from "../domain/time.ts";
import type { ContractRow } from "../store/contracts.ts";
import {
  countThresholdWorkflow,
  type ThresholdConfiguration,
} from "../store/threshold-configurations.ts";
import { addCommit, type CommitTerms } from "./add-commit.ts";
import type { OperationContext } from "./context.ts";
import type { MeasuredPurchase } from "./measure-threshold.ts";

/** As for commits of contracts that do not say when they burn. */
const DEFAULT_PRIORITY = "100";

/**
 * Buys the commit that a threshold calls for. Its workflow's id follows from how many the threshold
 * began before, so that one crossing cannot buy twice.
 */
export async function buyAtThreshold(
  tx: CoreTransaction,
  ctx: OperationContext,
  configuration: ThresholdConfiguration,
  contract: ContractRow,
  purchase: MeasuredPurchase,
): Promise<void> {
  const { type, workflowCount } = configuration;
  await countThresholdWorkflow(tx, configuration);
  const creditTypeId = contract.fiat_credit_type_id;
  await addCommit(
    tx,
    ctx,
    toTerms(ctx, configuration, creditTypeId, purchase),
    {
      customerId: contract.customer_id,
      contractId: contract.id,
      applicableContractIds: [],
      invoiceContract: { id: contract.id, creditTypeId },
      uniquenessKey: null,
      workflow: {
        id: uuidV5(contract.id, `${type}/${workflowCount}`),
        type,
        step: purchase.step,
      },
    },
    "",
  );
}

function toTerms(
  ctx: OperationContext,
  { commit, gate, customCreditTypeId }: ThresholdConfiguration,
  currencyId: string,
  { grants, costs, access }: MeasuredPurchase,
): CommitTerms {
  const { priority, ...applies } = commit;
  return {
    ...applies,
    type: "PREPAID",
    rateType: "LIST_RATE",
    priority: priority ?? DEFAULT_PRIORITY,
    creditTypeId: customCreditTypeId ?? currencyId,
    segments: [
      {
        amount: toText(grants),
        startingAt: instantText(access.start),
        endingBefore: instantText(access.end),
      },
    ],
    purchase: {
      creditTypeId: currencyId,
      items: [{ at: ctx.now, amount: costs, unitPrice: undefined, quantity: undefined }],
      recurring: undefined,
      doNotInvoice: false,
    },
    netsuiteSalesOrderId: null,
    customFields: undefined,
    gate,
  };
}
