/** What a company keeps, by the names of the Accounting API. */
export const ENTITY_NAMES = [
  "Account",
  "CreditMemo",
  "Customer",
  "Employee",
  "Invoice",
  "Item",
  "Payment",
  "TaxCode",
  "TaxRate",
  "Term",
  "Vendor",
] as const;

export type EntityName = (typeof ENTITY_NAMES)[number];
export type SalesName = "Invoice" | "CreditMemo";

export interface Reference {
  value: string;
  name?: string;
  type?: string;
}

export interface LinkedTxn {
  TxnId: string;
  TxnType: string;
}

export interface Line {
  Id?: string;
  LineNum?: number;
  Description?: string;
  Amount?: number;
  DetailType?: string;
  SalesItemLineDetail?: {
    ItemRef?: Reference;
    Qty?: number;
    UnitPrice?: number;
    TaxCodeRef?: Reference;
    ServiceDate?: string;
  };
  DiscountLineDetail?: {
    PercentBased?: boolean;
    DiscountPercent?: number;
    DiscountAccountRef?: Reference;
  };
  SubTotalLineDetail?: object;
  LinkedTxn?: LinkedTxn[];
}

export interface Address {
  Line1?: string;
  City?: string;
  CountrySubDivisionCode?: string;
  PostalCode?: string;
  Country?: string;
}

export interface TaxDetail {
  TxnTaxCodeRef?: Reference;
  TotalTax?: number;
  TaxLine?: object[];
}

/** Any of them: each property belongs to those whose shape lists it (shapes.ts). */
export interface Entity {
  Id: string;
  SyncToken: string;
  domain: "QBO";
  sparse: false;
  MetaData: { CreateTime: string; LastUpdatedTime: string };
  Active?: boolean;
  Name?: string;
  DisplayName?: string;
  FullyQualifiedName?: string;
  Title?: string;
  GivenName?: string;
  MiddleName?: string;
  FamilyName?: string;
  Suffix?: string;
  CompanyName?: string;
  PrimaryEmailAddr?: { Address?: string };
  BillAddr?: Address;
  ShipAddr?: Address;
  CurrencyRef?: Reference;
  SalesTermRef?: Reference;
  ParentRef?: Reference;
  Type?: string;
  Sku?: string;
  Description?: string;
  Taxable?: boolean;
  UnitPrice?: number;
  IncomeAccountRef?: Reference;
  AccountType?: string;
  AccountSubType?: string;
  Classification?: string;
  DueDays?: number;
  RateValue?: number;
  SalesTaxRateList?: { TaxRateDetail: { TaxRateRef: Reference }[] };
  CustomerRef?: Reference;
  DocNumber?: string;
  TxnDate?: string;
  DueDate?: string;
  PrivateNote?: string;
  CustomerMemo?: { value: string };
  BillEmail?: { Address?: string };
  EmailStatus?: string;
  DeliveryInfo?: { DeliveryType: string; DeliveryTime: string };
  GlobalTaxCalculation?: string;
  ExchangeRate?: number;
  Line?: Line[];
  LinkedTxn?: LinkedTxn[];
  TxnTaxDetail?: TaxDetail;
  TotalAmt?: number;
  HomeTotalAmt?: number;
  Balance?: number;
  HomeBalance?: number;
  RemainingCredit?: number;
  UnappliedAmt?: number;
}

/** What a caller or a person sends: nothing of it is certain but its shape. */
export type Draft = Partial<Entity>;
