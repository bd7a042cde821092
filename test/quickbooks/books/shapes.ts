import type { EntityName } from "./entity.ts";
import type { Shape, Spec } from "./shape.ts";

const text = (max: number): Spec => ({ kind: "text", max });
const oneOf = (...values: string[]): Spec => ({ kind: "one of", values });
const object = (fields: Shape): Spec => ({ kind: "object", fields });
const list = (fields: Shape): Spec => ({ kind: "list", fields });
const number: Spec = { kind: "number" };
const amount: Spec = { kind: "amount" };
const flag: Spec = { kind: "flag" };
const date: Spec = { kind: "date" };
const email = object({ Address: { kind: "email" } });
const computed: Spec = { kind: "computed" };
const ref = object({ value: text(100), name: text(500), type: text(50) });
const phone = object({ FreeFormNumber: text(30) });

/** What every entity has. `Id`, `SyncToken` and `sparse` are read by the update itself. */
const ENVELOPE: Shape = {
  Id: text(20),
  SyncToken: text(10),
  sparse: flag,
  domain: computed,
  status: computed,
  MetaData: computed,
};

const ADDRESS = object({
  Id: computed,
  ...Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`Line${n}`, text(500)])),
  City: text(255),
  Country: text(255),
  CountryCode: text(255),
  CountrySubDivisionCode: text(255),
  PostalCode: text(31),
  Lat: computed,
  Long: computed,
});

const PERSON: Shape = {
  ...ENVELOPE,
  DisplayName: text(100),
  Title: text(16),
  GivenName: text(100),
  MiddleName: text(100),
  FamilyName: text(100),
  Suffix: text(16),
  CompanyName: text(100),
  PrintOnCheckName: text(110),
  Active: flag,
  PrimaryEmailAddr: email,
  PrimaryPhone: phone,
  AlternatePhone: phone,
  Mobile: phone,
  Fax: phone,
  WebAddr: object({ URI: text(1000) }),
  BillAddr: ADDRESS,
  CurrencyRef: ref,
  Balance: computed,
};

const TAX_DETAIL = object({
  TxnTaxCodeRef: ref,
  TotalTax: amount,
  TaxLine: list({
    Amount: amount,
    DetailType: oneOf("TaxLineDetail"),
    TaxLineDetail: object({
      TaxRateRef: ref,
      PercentBased: flag,
      TaxPercent: number,
      NetAmountTaxable: amount,
    }),
  }),
});

const LINKED_TXN = list({ TxnId: text(20), TxnType: text(30), TxnLineId: text(20) });

const SALES_LINE: Shape = {
  Id: text(20),
  LineNum: number,
  Description: text(4000),
  Amount: amount,
  DetailType: oneOf(
    "SalesItemLineDetail",
    "DescriptionOnly",
    "DiscountLineDetail",
    "SubTotalLineDetail",
  ),
  SalesItemLineDetail: object({
    ItemRef: ref,
    ItemAccountRef: computed,
    ClassRef: ref,
    Qty: number,
    UnitPrice: number,
    TaxCodeRef: ref,
    ServiceDate: date,
  }),
  DescriptionLineDetail: object({ ServiceDate: date, TaxCodeRef: ref }),
  DiscountLineDetail: object({
    PercentBased: flag,
    DiscountPercent: number,
    DiscountAccountRef: ref,
  }),
  SubTotalLineDetail: object({}),
};

const SALES_DOCUMENT: Shape = {
  ...ENVELOPE,
  DocNumber: text(21),
  TxnDate: date,
  PrivateNote: text(4000),
  CustomerMemo: object({ value: text(1000) }),
  CustomerRef: ref,
  BillEmail: email,
  BillAddr: ADDRESS,
  ShipAddr: ADDRESS,
  CurrencyRef: ref,
  ExchangeRate: number,
  GlobalTaxCalculation: oneOf("TaxExcluded", "TaxInclusive", "NotApplicable"),
  TxnTaxDetail: TAX_DETAIL,
  Line: list(SALES_LINE),
  CustomField: list({
    DefinitionId: text(10),
    Name: text(31),
    Type: oneOf("StringType"),
    StringValue: text(31),
  }),
  PONumber: text(15),
  ClassRef: ref,
  DepartmentRef: ref,
  ApplyTaxAfterDiscount: flag,
  EmailStatus: oneOf("NotSet", "NeedToSend", "EmailSent"),
  PrintStatus: oneOf("NotSet", "NeedToPrint", "PrintComplete"),
  LinkedTxn: computed,
  TotalAmt: computed,
  HomeTotalAmt: computed,
  Balance: computed,
  HomeBalance: computed,
};

/** Which properties each entity has. What is not listed is refused with 2010. */
export const SHAPES: Readonly<Record<EntityName, Shape>> = {
  Customer: {
    ...PERSON,
    FullyQualifiedName: computed,
    ShipAddr: ADDRESS,
    Notes: text(2000),
    Taxable: flag,
    DefaultTaxCodeRef: ref,
    SalesTermRef: ref,
    PaymentMethodRef: ref,
    PreferredDeliveryMethod: oneOf("Print", "Email", "None"),
    ParentRef: ref,
    Job: flag,
    BillWithParent: flag,
    ResaleNum: text(16),
    BalanceWithJobs: computed,
    Level: computed,
    IsProject: computed,
  },
  Vendor: { ...PERSON, Vendor1099: flag, AcctNum: text(100), TaxIdentifier: text(20) },
  Employee: { ...PERSON, BillableTime: flag },
  Item: {
    ...ENVELOPE,
    Name: text(100),
    Sku: text(100),
    Description: text(4000),
    Active: flag,
    Type: oneOf("Service", "NonInventory", "Category"),
    Taxable: flag,
    UnitPrice: number,
    SalesTaxIncluded: flag,
    SalesTaxCodeRef: ref,
    IncomeAccountRef: ref,
    ExpenseAccountRef: ref,
    PurchaseDesc: text(1000),
    PurchaseCost: number,
    SubItem: flag,
    ParentRef: ref,
    FullyQualifiedName: computed,
    TrackQtyOnHand: flag,
    Level: computed,
  },
  Account: {
    ...ENVELOPE,
    Name: text(100),
    AcctNum: text(20),
    Description: text(100),
    Active: flag,
    AccountType: text(100),
    AccountSubType: text(100),
    Classification: computed,
    CurrencyRef: ref,
    SubAccount: flag,
    ParentRef: ref,
    FullyQualifiedName: computed,
    CurrentBalance: computed,
    CurrentBalanceWithSubAccounts: computed,
  },
  Invoice: {
    ...SALES_DOCUMENT,
    DueDate: date,
    SalesTermRef: ref,
    ShipDate: date,
    ShipMethodRef: ref,
    TrackingNum: text(31),
    BillEmailCc: email,
    BillEmailBcc: email,
    DeliveryInfo: computed,
    InvoiceLink: computed,
    AllowIPNPayment: flag,
    AllowOnlinePayment: flag,
    AllowOnlineCreditCardPayment: flag,
    AllowOnlineACHPayment: flag,
  },
  CreditMemo: { ...SALES_DOCUMENT, PaymentMethodRef: ref, RemainingCredit: computed },
  Payment: {
    ...ENVELOPE,
    CustomerRef: ref,
    TotalAmt: amount,
    TxnDate: date,
    PrivateNote: text(4000),
    CurrencyRef: ref,
    ExchangeRate: number,
    PaymentMethodRef: ref,
    PaymentRefNum: text(21),
    DepositToAccountRef: ref,
    ProcessPayment: flag,
    Line: list({ Amount: amount, LinkedTxn: LINKED_TXN, LineEx: computed }),
    UnappliedAmt: computed,
    LinkedTxn: computed,
  },
  Term: {
    ...ENVELOPE,
    Name: text(31),
    Active: flag,
    DueDays: number,
    DiscountDays: number,
    DiscountPercent: number,
    Type: computed,
  },
  TaxCode: ENVELOPE,
  TaxRate: ENVELOPE,
};
