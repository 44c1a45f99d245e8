"""The words of Hong Kong trade paper, in both languages: labels, column headings, titles, units.

Plain data. Labels say which field stands beside or below them; many wordings are made from a noun and an ending
(`invoice` + `no.`, 發票 + 號碼). All words are compared by `plain.key`: without case, spaces and punctuation.
"""

from __future__ import annotations

from typing import Final

from documents.extraction.model import DocType
from documents.extraction.plain import key

# Roles of labels. A number's role names the type of document whose number it is.
ANY_NUMBER: Final = "number"
DATE: Final = "date"
DATE_OTHER: Final = "date_other"
SUPPLIER: Final = "supplier"
BUYER: Final = "buyer"
OTHER_PARTY: Final = "other_party"
FROM_PARTY: Final = "from_party"
CURRENCY: Final = "currency"
SUBTOTAL: Final = "subtotal"
DISCOUNT: Final = "discount"
FREIGHT: Final = "freight"
TOTAL: Final = "total"
TAX: Final = "tax"
IGNORED: Final = "ignored"
FILLER: Final = "filler"
CUSTOMER_PO: Final = "number:purchase_order"

_NOUNS: Final = {
    DocType.PURCHASE_ORDER: (
        "po", "p.o.", "purchase order", "purchase", "order", "our order", "customer po", "customer order", "cust po",
        "your po", "your order", "buyer order", "buyer's order", "client po", "sales order", "so", "related po", "original po",
        "採購單", "採購訂單", "訂購單", "訂貨單", "訂單", "採購", "訂購", "客戶訂單", "客戶採購單", "貴方訂單", "貴公司訂單", "購貨單",
        "訂貨", "原訂單", "原採購單", "相關訂單", "對應訂單", "客戶單", "進貨單", "購貨訂單", "採購表",
    ),
    DocType.DELIVERY_NOTE: (
        "dn", "do", "delivery note", "delivery order", "delivery", "d/n", "d/o", "dispatch note", "despatch note",
        "dispatch", "packing list", "packing slip", "goods delivery note", "shipment", "consignment note", "gdn", "waybill",
        "送貨單", "送貨", "發貨單", "發貨", "出貨單", "交貨單", "交貨", "貨單", "裝箱單", "出倉單", "配送單", "送貨通知單", "付運單",
    ),
    DocType.INVOICE: (
        "invoice", "inv", "tax invoice", "commercial invoice", "sales invoice", "bill", "proforma invoice", "debit note",
        "statement", "發票", "商業發票", "銷售發票", "帳單", "賬單", "稅務發票", "銷售單", "收費單",
    ),
    DocType.RETURN_NOTE: (
        "return", "return note", "rtv", "rn", "rma", "goods return", "goods return note", "grn (return)", "return order",
        "credit note", "cn", "return to vendor", "purchase return", "supplier return", "return authorisation",
        "退貨單", "退貨", "退回單", "退貨通知單", "退貨通知", "退貨授權", "退回貨品通知單", "貨品退回單", "退料單", "退換貨單", "退倉單",
    ),
    DocType.INSPECTION_REPORT: (
        "inspection", "inspection report", "qc", "qc report", "qa", "quality report", "ir", "report", "test report",
        "quality inspection", "check report", "receiving inspection", "goods inspection", "certificate of inspection",
        "檢驗報告", "檢驗", "驗貨報告", "驗貨單", "驗貨", "品質報告", "品檢報告", "品檢單", "檢查報告", "質檢報告", "質檢單", "驗收報告",
        "驗收單", "報告", "報告書", "檢測報告", "檢查表",
    ),
    DocType.CONTRACT: (
        "contract", "agreement", "sc", "s/c", "sales contract", "purchase contract", "supply contract",
        "supply agreement", "合約", "合同", "協議", "協議書", "合約書", "供應合約", "買賣合約", "採購合約", "購銷合同", "契約",
    ),
}  # fmt: skip
_ENDINGS: Final = (
    "no", "no.", "number", "num", "nr", "ref", "ref.", "ref no", "ref number", "reference", "reference no",
    "reference number", "id", "code", "#", "編號", "號碼", "號", "單號", "號數", "參考編號", "參考號", "參考", "編碼",
    "書編號", "表編號",
)  # fmt: skip
_BARE: Final = {
    DocType.PURCHASE_ORDER: ("po#", "po", "p.o.", "p/o", "order#", "貴方單號", "訂單編號", "採購編號", "購單號"),
    DocType.DELIVERY_NOTE: ("dn", "d/n", "do", "d/o", "dn#", "送貨單號"),
    DocType.INVOICE: ("inv#", "invoice#", "發票號", "發票"),
    DocType.RETURN_NOTE: ("rtv", "rma", "退單號"),
    DocType.INSPECTION_REPORT: ("qc#",),
    DocType.CONTRACT: ("合約編號", "合同號"),
}
_LABELS: Final = {
    ANY_NUMBER: (
        "no", "no.", "number", "document no", "document number", "doc no", "doc number", "doc. no.", "ref", "ref no",
        "our ref", "our reference", "reference", "reference no", "serial no", "voucher no", "note no", "slip no", "form no",
        "file no", "record no", "document ref", "document id", "document #", "doc #", "doc ref", "no of document",
        "單號", "編號", "單據編號", "單據號碼", "文件編號", "文件號碼", "號碼", "本單編號", "檔案編號", "參考編號", "表單編號", "單據號",
        "流水號", "本公司編號", "檔號", "單編號", "憑單號碼",
    ),
    DATE: (
        "date", "issue date", "issued", "date issued", "date of issue", "document date", "doc date", "issued on",
        "issued date", "dated", "invoice date", "inv date", "order date", "po date", "p.o. date", "report date",
        "contract date", "date of contract", "return date", "dn date", "do date", "delivery note date", "inspection date",
        "date of inspection", "inspected on", "date of report", "date of return", "date of order", "bill date", "signing date",
        "date signed", "agreement date", "effective date", "date of agreement", "date of invoice", "note date", "date raised",
        "tax date", "transaction date", "entry date", "raised on", "date inspected", "ordered on", "returned on",
        "日期", "開單日期", "單據日期", "發票日期", "訂單日期", "訂購日期", "採購日期", "退貨日期", "報告日期", "檢驗日期", "驗貨日期",
        "簽訂日期", "合約日期", "發出日期", "出單日期", "製單日期", "開立日期", "簽發日期", "簽約日期", "文件日期", "填表日期", "下單日期",
        "立約日期", "單日期", "檢查日期", "送貨單日期", "合同日期", "訂貨日期", "驗收日期", "簽署日期", "開票日期", "退回日期", "制單日期",
        "編製日期", "填報日期", "訂立日期", "檢測日期", "生效日期",
    ),
    DATE_OTHER: (
        "delivery date", "date of delivery", "ship date", "shipping date", "dispatch date", "despatch date", "due date",
        "payment due", "required date", "required by", "deliver by", "delivered on", "eta", "etd", "print date", "printed on",
        "expected date", "received date", "date received", "expected delivery", "valid until", "expiry date of contract",
        "expiry date", "arrival date", "delivery on or before", "date required", "need by", "shipment date", "request date",
        "requested delivery date", "collection date", "date of arrival", "receipt date",
        "送貨日期", "交貨日期", "出貨日期", "發貨日期", "到期日", "付款期限", "要求日期", "預計送貨日期", "列印日期", "打印日期", "收貨日期",
        "要求到貨日期", "預計到貨", "預計到貨日期", "付款日期", "到貨日期", "取貨日期", "付款到期日", "有效期至", "交貨期", "進貨日期",
        "付運日期", "要求送貨日期",
    ),
    SUPPLIER: (
        "supplier", "vendor", "seller", "supplier name", "vendor name", "supplied by", "sold by", "the seller", "seller name",
        "supplier details", "vendor details", "manufacturer/supplier", "name of supplier", "return to supplier", "supplier co",
        "supplier information", "vendor information", "seller details", "purchased from", "received from", "party b",
        "returned to", "return to", "supplier company", "order to", "issued to supplier", "vendor/supplier", "consignor",
        "shipper",
        "供應商", "供貨商", "供應商名稱", "賣方", "賣家", "供貨單位", "供應單位", "廠商", "廠商名稱", "供貨方", "供方", "乙方", "發貨人",
        "賣方名稱", "銷售商", "供應商資料", "供應公司", "供應廠商", "批發商", "來貨供應商", "退回供應商", "供貨商名稱", "發貨單位", "貨主",
        "供應者", "出貨方", "送檢單位", "退予", "售貨方", "銷貨方",
    ),
    BUYER: (
        "customer", "buyer", "client", "bill to", "billed to", "sold to", "invoice to", "deliver to", "delivered to",
        "ship to", "shipped to", "consignee", "customer name", "buyer name", "purchaser", "the buyer", "account name", "account of",
        "delivery to", "name of customer", "charge to", "party a", "ordered by", "returned by", "return from", "inspected for",
        "receiver", "recipient", "client name", "customer details", "billing to", "bill to customer", "customer information",
        "store", "shop", "branch", "sold-to party", "ship-to party", "receiving store", "retailer", "invoiced to", "received at",
        "客戶", "客戶名稱", "買方", "買家", "收貨人", "收貨單位", "收貨方", "購貨單位", "購方", "甲方", "客戶資料", "收貨公司", "買方名稱", "訂購方",
        "訂貨單位", "客戶公司", "送往", "送貨至", "收貨商戶", "訂貨人", "購買方", "送貨客戶", "退貨方", "退貨單位", "購貨方", "需方", "收件人",
        "抬頭", "發票抬頭", "付款人", "店舖", "分店", "收貨店舖", "顧客", "顧客名稱", "買受人", "寶號", "商號", "訂購單位", "客戶寶號",
        "收貨分店", "委託單位", "收貨商號", "採購方",
    ),
    OTHER_PARTY: ("to", "messrs", "messrs.", "m/s", "attention to", "致", "此致", "台照", "to messrs", "受文者"),
    FROM_PARTY: ("from", "issued by", "由", "自", "發件人", "prepared for"),
    CURRENCY: ("currency", "ccy", "貨幣", "幣別", "幣種", "結算貨幣", "幣值", "currency code"),
    SUBTOTAL: (
        "subtotal", "sub total", "sub-total", "goods total", "total before discount", "merchandise total", "gross total",
        "gross amount", "net goods", "goods value", "amount before discount", "items total", "total goods", "gross",
        "小計", "貨款小計", "貨品小計", "合計金額小計", "貨款", "折扣前總額", "折前金額", "貨品總值", "貨值", "貨品總額", "折前總額",
    ),
    DISCOUNT: (
        "discount", "less discount", "less", "trade discount", "rebate", "allowance", "special discount", "less: discount",
        "disc", "volume discount", "deduction", "折扣", "減折扣", "優惠", "減", "扣減", "回贈", "特別折扣", "折讓", "減價", "折扣額",
        "優惠折扣", "商業折扣", "減免",
    ),
    FREIGHT: (
        "freight", "delivery charge", "delivery fee", "shipping", "shipping fee", "transport", "transportation", "handling",
        "delivery charges", "freight charge", "carriage", "transport charge", "delivery cost", "handling fee", "logistics fee",
        "freight charges", "shipping charge", "shipping charges", "transportation fee", "shipping & handling", "add freight",
        "運費", "運輸費", "送貨費", "附加費", "手續費", "配送費", "物流費", "加運費", "運送費", "送貨附加費", "交通費", "運雜費",
    ),
    TAX: ("vat", "gst", "tax", "sales tax", "稅", "增值稅", "稅款", "稅額"),
    TOTAL: (
        "total", "grand total", "amount due", "total amount", "net total", "net amount", "total due", "balance due", "net payable",
        "amount payable", "total payable", "invoice total", "order total", "total value", "contract value", "contract amount",
        "total contract value", "total sum", "total price", "please pay", "contract sum", "total (hkd)", "net amount due",
        "total amount due", "final total", "total credit", "credit total", "total refund", "refund amount", "return total",
        "order value", "overall total", "amount to pay", "total invoice value", "total invoice amount", "contract total",
        "total contract price", "contract price", "total order value", "total to pay", "sum total", "net", "all total",
        "總計", "合計", "總額", "總金額", "應付總額", "總數", "共計", "應付金額", "合共", "總值", "總價", "金額合計", "實付金額", "總共", "發票總額",
        "合約總額", "合約金額", "訂單總額", "合同金額", "淨額", "應收金額", "退款總額", "退貨總額", "合約總值", "合同總額", "本單合計", "總計金額",
        "合計金額", "應付款", "應付款項", "應收總額", "總額合計", "全單總計", "退貨金額", "總銀碼", "銀碼合計", "貨款總額", "貨款合計", "實收金額",
        "價款總計", "實付總額", "合約總價", "合同總價", "訂單總值", "發票金額", "訂單金額",
    ),
    IGNORED: (
        "tel", "telephone", "phone", "fax", "email", "e-mail", "mobile", "contact", "contact person", "attn", "attention",
        "address", "addr", "payment terms", "payment term", "payment", "terms", "credit term", "credit terms", "handled by",
        "prepared by", "checked by", "approved by", "received by", "authorised by", "authorized by", "sales", "salesman",
        "salesperson", "page", "remark", "remarks", "notes", "note", "signature", "signed by", "driver", "vehicle", "vehicle no",
        "truck no", "br no", "business registration", "account no", "a/c no", "bank", "bank account", "swift", "hkid", "hkid no",
        "customer no", "customer code", "cust no", "cust. no.", "client no", "client code", "supplier code", "supplier no",
        "vendor no", "vendor code", "vendor id", "supplier id", "customer id", "warehouse", "store code", "store no",
        "delivery address", "ship via", "incoterms", "inspector", "inspected by", "sample size", "aql", "terms of payment",
        "received in good order", "receiver's signature", "authorised signature", "sign & chop", "company chop", "issued by",
        "web", "website", "whatsapp", "cartons", "total cartons", "total qty", "total quantity", "total items", "total pieces",
        "qty total", "no of items", "number of items", "total packages", "overall result", "buyer code", "shop code",
        "department", "dept", "time", "delivery time", "salesperson code", "job no", "project", "route", "route no",
        "ordered by name", "purchaser name", "merchandiser", "standard", "sampling", "sample", "exchange rate",
        "bank name", "fps", "fps id", "cheque", "licence no", "license no", "seal no", "container no", "period", "term",
        "電話", "傳真", "電郵", "手提", "聯絡", "聯絡人", "聯絡電話", "負責人", "經手人", "地址", "送貨地址", "付款方式", "付款條件", "付款期",
        "數期", "數期/credit term", "條款", "收款", "備註", "備注", "附註", "簽署", "簽名", "簽收", "蓋印", "司機", "車牌", "車牌號碼", "頁", "頁次",
        "第", "商業登記", "商業登記號碼", "銀行", "銀行帳號", "賬號", "帳號", "身份證", "身份證號碼", "客戶編號", "客戶號碼", "供應商編號", "倉庫",
        "分店編號", "製單", "覆核", "批准", "經辦人", "業務員", "營業員", "跟單", "收貨人簽署", "收貨人簽署及蓋印", "送貨時間", "檢驗員", "抽樣",
        "抽樣標準", "總數量", "總件數", "件數合計", "數量合計", "合計數量", "合計件數", "共件", "電話號碼", "網址", "手機", "供應商代號", "客戶代號",
        "交貨地點", "送貨地點", "交收地點", "檢驗人", "驗貨員", "採購員", "訂購人", "職位", "部門", "結算方式", "付款", "店號", "轉數快", "匯率",
        "驗貨人", "檢查員", "整體結果", "總結果", "檢驗標準", "運輸方式", "發出", "收貨人姓名", "期限", "合約期", "運單號", "總箱數",
    ),
    FILLER: ("the", "our", "your", "本", "貴", "of", "原", "our ref", "you", "相關"),
}  # fmt: skip

_COLUMNS: Final = {
    "line": (
        "line", "ln", "seq", "s/n", "sn", "#", "line no", "row", "seq no", "序", "序號", "項", "項次", "行", "次序", "行號", "號", "項目編號",
        "no", "no.", "item", "itm", "項目", "pos", "position", "ser", "serial",
    ),
    "sku": (
        "sku", "code", "item code", "product code", "item no", "item no.", "item number", "part no", "part number", "stock code",
        "article", "article no", "art no", "art. no.", "material", "material no", "model", "model no", "style no", "item ref",
        "product no", "product id", "item id", "goods code", "sku no", "sku code", "plu", "ref no", "item #", "prod code",
        "catalogue no", "cat no", "product ref", "our code", "stock no", "item/sku", "article code", "item sku",
        "product number", "product sku", "ref", "mpn",
        "貨號", "貨品編號", "產品編號", "商品編號", "編號", "貨品代號", "料號", "品號", "型號", "代號", "商品代碼", "代碼", "產品代碼", "貨品號碼",
        "商品貨號", "產品型號", "商品號碼", "貨品代碼", "商品代號", "物料編號", "品項編號", "產品貨號", "項目號", "項目編號", "款號", "產品號",
        "貨品型號", "物料號", "品目編號", "品編",
    ),
    "gtin": (
        "barcode", "bar code", "ean", "gtin", "upc", "ean code", "ean13", "ean-13", "barcode no", "條碼", "條形碼", "國際條碼", "商品條碼",
        "條碼編號", "貨品條碼", "產品條碼", "國際條碼編號", "條碼號碼",
    ),
    "description": (
        "description", "item description", "product", "product description", "goods", "particulars", "details", "product name",
        "item name", "name", "commodity", "description of goods", "goods description", "article description", "item details",
        "product details", "goods/services", "desc", "descriptions", "items", "name of goods", "item & description",
        "item and description", "products", "product / description", "title", "merchandise", "name of product",
        "品名", "貨品名稱", "產品名稱", "商品名稱", "貨品", "品名及規格", "說明", "描述", "貨品描述", "內容", "摘要", "名稱", "產品描述", "貨名",
        "商品", "產品", "貨物名稱", "品名規格", "品項", "商品描述", "貨品說明", "產品說明", "名稱及規格", "商品名稱及規格", "貨品名稱及規格", "貨物",
        "項目說明", "貨品及規格", "品目", "詳情", "品名/規格", "貨品內容", "貨物描述", "項目內容", "產品名稱及規格", "商品說明", "物品", "物品名稱",
        "產品概述", "品種", "物料名稱", "貨物名稱及規格",
    ),
    "spec": ("spec", "specification", "specs", "pack size", "size", "規格", "包裝規格", "規格型號", "尺寸", "packing"),
    "quantity": (
        "qty", "quantity", "q'ty", "qnty", "pcs", "pieces", "units", "no of units", "qty delivered", "delivered qty",
        "delivered", "shipped", "qty shipped", "shipped qty", "order qty", "ordered qty", "qty ordered", "return qty",
        "qty returned", "returned qty", "inspected qty", "qty inspected", "received qty", "qty received", "ordered",
        "quantity delivered", "quantity ordered", "quantity returned", "lot size", "quantity shipped", "ctns", "returned",
        "quantity inspected", "quantity received", "del qty", "dlvd qty", "qty.", "total qty", "delivery qty",
        "delivery quantity", "order quantity", "return quantity", "quant", "inspected",
        "數量", "件數", "數目", "送貨數量", "訂購數量", "退貨數量", "實送數量", "發貨數量", "收貨數量", "訂貨數量", "檢驗數量", "採購數量", "實收數量",
        "交貨數量", "出貨數量", "送貨量", "量", "訂購量", "批量", "退回數量", "個數", "驗貨數量", "數量(件)", "來貨數量", "供應數量", "合約數量", "抽檢數量",
        "送貨件數", "訂量", "退量", "總數量", "來貨量", "購買數量", "到貨數量", "送檢數量",
    ),
    "quantity_other": (
        "backorder", "back order", "b/o", "outstanding", "sample", "sample qty", "sample size", "defects", "defect qty", "passed",
        "rejected", "accepted", "failed", "balance", "qty/ctn", "pcs/ctn", "reject qty", "pass qty", "defective", "accepted qty",
        "rejected qty", "received", "sampled", "major", "minor", "抽樣數", "抽樣數量", "不良數", "不合格數量", "合格數量", "欠貨", "欠數", "待補",
        "抽驗數", "不合格數", "合格數", "次品數", "實收", "入數", "箱入數", "每箱數量", "不良品數", "拒收數量", "次品", "不良",
    ),
    "unit": (
        "unit", "uom", "u/m", "units of measure", "unit of measure", "um", "measure", "pack", "單位", "包裝", "計量單位", "包裝單位", "量詞",
        "單位名稱", "package", "pkg",
    ),
    "unit_price": (
        "price", "unit price", "u/price", "rate", "unit cost", "cost", "u.price", "unit rate", "price/unit", "price each", "each",
        "selling price", "price per unit", "cost price", "net price", "u. price", "unit pr", "u/p", "@", "list price",
        "單價", "價格", "售價", "單位價格", "單位價", "每件價", "成本價", "來貨價", "批發價", "價錢", "價", "單位售價", "入貨價", "單位成本", "協議單價",
        "合約單價", "成本", "供貨價",
    ),
    "amount": (
        "amount", "total", "value", "line total", "ext price", "extended price", "extended", "net amount", "subtotal",
        "total price", "line amount", "sub total", "amt", "total amount", "ext. amount", "extension", "line value",
        "total value", "ext", "ext amt", "extended amount", "sum", "gross amount", "price total",
        "金額", "總額", "小計", "總值", "合計", "總價", "價值", "總金額", "銀碼", "金額小計", "貨款", "合計金額", "價款", "項目金額", "款額", "共銀",
        "總銀碼",
    ),
    "discount": ("disc", "discount", "disc%", "disc.", "% off", "折扣", "折", "折扣率", "discount %", "優惠"),
    "batch": (
        "batch", "lot", "batch no", "lot no", "batch number", "lot number", "batch/lot", "lot/batch", "lot#", "batch#",
        "batch code", "lot code", "batch/lot no", "lot/batch no", "batch id", "production lot",
        "批號", "批次", "生產批號", "批次號碼", "批次號", "貨品批號", "批號/lot", "批次編號", "產品批號", "批號編號", "批",
    ),
    "expiry": (
        "expiry", "exp", "exp date", "expiry date", "exp. date", "best before", "use by", "bbd", "bbe", "expiration",
        "expiration date", "best before date", "shelf life", "expires", "bb date", "use before", "exp. dt", "expiry dt",
        "best by", "valid until", "b.b.d.", "best before end", "use-by date", "sell by",
        "有效期", "到期日", "保質期", "此日期前最佳", "食用期限", "賞味期限", "使用期限", "有效日期", "屆滿日期", "此日期前食用", "失效日期", "到期日期",
        "最佳食用日期", "有效期限", "有效期至", "保質日期", "有效至", "保質期至", "食用日期", "此日期或之前食用", "最佳使用期", "限期", "此日前最佳",
        "效期", "最佳食用期",
    ),
    "made": (
        "mfg date", "production date", "manufacture date", "mfd", "date of manufacture", "mfg", "prod. date", "pack date",
        "生產日期", "製造日期", "出廠日期", "包裝日期",
    ),
    "result": (
        "result", "results", "pass/fail", "inspection result", "status", "conclusion", "verdict", "judgement", "judgment",
        "disposition", "qc result", "findings", "outcome", "test result", "decision", "grade", "p/f", "finding", "assessment",
        "結果", "檢驗結果", "判定", "驗收", "評定", "驗貨結果", "檢查結果", "結論", "合格", "檢驗結論", "合格/不合格", "判斷", "狀態", "質檢結果",
        "檢測結果", "驗收結果", "處理結果", "合格與否",
    ),
    "reason": (
        "reason", "reasons", "return reason", "reason for return", "reason code", "fault", "problem", "cause", "rtn reason",
        "return code", "defect", "complaint", "issue", "why returned", "reason of return",
        "原因", "退貨原因", "退回原因", "理由", "退貨理由", "退因", "問題", "退貨事由", "事由", "退回理由", "缺陷", "因由",
    ),
    "remark": ("remark", "remarks", "note", "notes", "comment", "comments", "備註", "備注", "附註", "說明欄", "註"),
    "other": ("loc", "location", "bin", "brand", "colour", "color", "origin", "weight", "kg", "cbm", "hs code", "po no", "vat",
              "tax", "order no", "倉位", "品牌", "牌子", "顏色", "產地", "重量", "毛重", "淨重", "體積", "原產地", "稅", "store", "分店",
              "來源地", "storage", "temp", "儲存", "溫度"),
}  # fmt: skip

_TITLES: Final = {
    DocType.PURCHASE_ORDER: (
        "purchase order", "order form", "purchase order form", "order sheet", "p.o.", "po", "official order", "stock order",
        "replenishment order", "order confirmation", "supply order", "order", "procurement order", "purchase requisition",
        "採購單", "採購訂單", "訂購單", "訂貨單", "訂單", "購貨單", "訂貨表格", "訂購表", "補貨單", "進貨單", "購貨訂單", "採購定單", "訂貨表",
        "採購表", "補貨訂單", "採購申請單", "訂購表格", "進貨訂單", "訂購書",
    ),
    DocType.DELIVERY_NOTE: (
        "delivery note", "delivery order", "dispatch note", "despatch note", "goods delivery note", "delivery docket", "packing list",
        "packing slip", "delivery slip", "consignment note", "delivery receipt", "advice of delivery", "shipping note",
        "delivery advice", "goods dispatch note", "delivery challan", "goods issue note", "delivery list", "dispatch advice",
        "despatch advice", "goods received note", "delivery", "delivery sheet", "delivery document", "shipment note",
        "送貨單", "發貨單", "出貨單", "交貨單", "貨單", "裝箱單", "送貨通知單", "配送單", "出倉單", "付貨單", "送貨回條", "收貨單", "送貨憑單",
        "交貨通知單", "送貨便條", "出貨通知單", "送貨紙", "提貨單", "配貨單", "送貨清單", "發貨通知單",
    ),
    DocType.RETURN_NOTE: (
        "return note", "goods return note", "return to vendor", "rtv", "goods returned note", "return form", "return slip",
        "return order", "purchase return", "goods return", "return authorisation", "return authorization", "return advice",
        "supplier return note", "return to supplier", "merchandise return", "rma", "return delivery note", "vendor return",
        "return request", "debit note for returned goods", "stock return", "stock return note", "returns note", "product return",
        "goods return advice", "returned goods note", "return docket", "returns form", "product return form", "return",
        "退貨單", "退回單", "退貨通知單", "退回貨品通知單", "貨品退回單", "退貨便條", "退料單", "退換貨單", "退貨申請單", "退倉單", "退貨表", "退貨紙",
        "退貨憑單", "採購退貨單", "退貨通知", "退貨通知書", "退貨清單", "退貨授權書", "退回貨品單", "供應商退貨單", "退貨表格",
    ),
    DocType.INVOICE: (
        "invoice", "tax invoice", "commercial invoice", "sales invoice", "bill", "proforma invoice", "pro forma invoice",
        "cash invoice", "debit note", "statement of account", "billing invoice", "trade invoice", "credit invoice", "cash sale",
        "發票", "商業發票", "銷售發票", "賬單", "帳單", "稅務發票", "形式發票", "售貨單", "銷貨發票", "銷售單", "貨款發票", "售貨發票",
        "收費單", "月結單", "現金發票", "銷貨單",
    ),
    DocType.INSPECTION_REPORT: (
        "inspection report", "quality inspection report", "qc report", "quality control report", "test report", "inspection record",
        "quality report", "goods inspection report", "certificate of inspection", "receiving inspection report", "qa report",
        "inspection certificate", "incoming inspection report", "quality check report", "inspection form", "quality assurance report",
        "inspection sheet", "inspection", "incoming goods inspection", "product inspection report", "acceptance report",
        "check report", "quality certificate", "quality inspection", "quality check", "inspection checklist",
        "檢驗報告", "驗貨報告", "品質檢驗報告", "品檢報告", "質檢報告", "檢查報告", "驗收報告", "品質檢查報告", "檢驗記錄", "驗貨記錄", "驗收單", "來貨檢驗報告",
        "檢驗單", "品質報告", "檢測報告", "檢驗報告書", "驗貨單", "品質檢驗單", "收貨檢驗報告", "進貨檢驗報告", "質量檢驗報告", "品質驗收單", "檢查表",
        "進料檢驗單", "驗貨表", "來貨檢查報告", "驗收記錄", "抽檢報告", "品質控制報告", "質量檢查報告",
    ),
    DocType.CONTRACT: (
        "contract", "purchase contract", "sales contract", "supply contract", "supply agreement", "agreement", "purchase agreement",
        "sales agreement", "sale and purchase agreement", "memorandum of agreement", "sales confirmation", "framework agreement",
        "contract of sale", "supplier agreement", "vendor agreement", "sale contract", "contract for supply of goods",
        "procurement contract", "goods supply agreement", "distribution agreement", "sale and purchase contract",
        "合約", "合同", "採購合約", "供應合約", "買賣合約", "供貨合約", "購銷合同", "買賣合同", "採購合同", "協議書", "供貨協議", "合約書", "供應協議", "契約",
        "銷售合約", "銷售合同", "供應商合約", "購貨合約", "供貨合同", "採購協議", "購銷合約", "貨品供應合約", "買賣協議", "貨品買賣合約",
        "供應商協議", "採購合約書", "買賣協議書",
    ),
}  # fmt: skip

_UNITS: Final = (
    "pcs", "pc", "piece", "pieces", "ea", "each", "ctn", "ctns", "carton", "cartons", "case", "cases", "cs", "box", "boxes", "bx",
    "btl", "btls", "bottle", "bottles", "bt", "can", "cans", "pkt", "pkts", "packet", "packets", "pack", "packs", "pk", "pks",
    "bag", "bags", "set", "sets", "tray", "trays", "bdl", "bundle", "bundles", "dz", "doz", "dozen", "kg", "kgs", "g", "lb", "lbs",
    "roll", "rolls", "rl", "pair", "pairs", "pr", "prs", "jar", "jars", "tub", "tubs", "tin", "tins", "cup", "cups", "tube",
    "tubes", "sheet", "sheets", "unit", "units", "bar", "bars", "pouch", "sachet", "drum", "pail", "pallet", "plt", "l", "ltr",
    "crate", "sack", "stick", "strip", "card", "pot", "keg", "barrel", "bale", "nos", "no", "m", "ream", "reams", "basket",
    "件", "個", "箱", "盒", "包", "支", "樽", "瓶", "罐", "袋", "套", "盤", "紮", "打", "條", "公斤", "千克", "卷", "對", "雙", "杯", "桶",
    "張", "隻", "塊", "排", "片", "枝", "斤", "磅", "升", "台", "本", "雙裝", "板", "紙箱", "組", "粒", "串", "捆", "束", "碗", "克", "令",
    "籃", "籠", "筒", "把", "份", "部", "疋", "幅", "頭", "棵", "座", "盆", "壺", "缸", "提", "只", "个", "双", "条", "张", "块", "听", "尊",
)  # fmt: skip

_RESULTS: Final = {
    "pass": "PASS", "passed": "PASS", "ok": "PASS", "accept": "PASS", "accepted": "PASS", "合格": "PASS", "通過": "PASS",
    "良好": "PASS", "接受": "PASS", "good": "PASS", "正常": "PASS", "符合": "PASS", "收貨": "PASS",
    "fail": "FAIL", "failed": "FAIL", "ng": "FAIL", "reject": "FAIL", "rejected": "FAIL", "不合格": "FAIL", "不通過": "FAIL",
    "拒收": "FAIL", "退回": "FAIL", "不良": "FAIL", "不符": "FAIL", "不接受": "FAIL", "bad": "FAIL", "不符合": "FAIL",
    "hold": "HOLD", "on hold": "HOLD", "pending": "HOLD", "待定": "HOLD", "保留": "HOLD", "concession": "HOLD", "特採": "HOLD",
}  # fmt: skip

COMPANY_WORDS: Final = (
    "limited", "ltd", "ltd.", "company", "co.", "co", "corporation", "corp", "inc", "enterprise", "enterprises", "trading",
    "holdings", "group", "international", "stores", "store", "supermarket", "dispensary", "pharmacy", "mart", "supplies",
    "wholesale", "food", "foods", "bakery", "industries", "industrial", "factory", "hong", "bros", "sons", "products",
    "import", "export", "distribution", "distributors", "logistics", "provisions", "cold storage", "beverages", "farm",
    "有限公司", "公司", "洋行", "商行", "貿易", "超級市場", "超市", "百貨", "藥房", "士多", "食品", "企業", "供應商", "批發", "行", "店", "集團",
    "實業", "國際", "工業", "廠", "商店", "商場", "便利店", "生活", "市場", "物流", "莊", "號", "凍肉", "糧油", "飲品", "製品", "堂",
)  # fmt: skip
ADDRESS_WORDS: Final = (
    "road", "street", "avenue", "floor", "/f", "building", "bldg", "centre", "center", "unit", "room", "flat", "shop no", "kowloon",
    "hong kong", "new territories", "n.t.", "h.k.", "tower", "block", "estate", "plaza", "drive", "lane", "g/f", "ind.", "tel", "fax",
    "@", "www", "http", "email", "phone", "br no", "whatsapp", "business reg",
    "樓", "室", "號", "道", "街", "路", "大廈", "中心", "工業", "九龍", "新界", "香港島", "電話", "傳真", "電郵", "單位", "座", "地下", "商業登記",
    "廣場", "工廠", "屋", "邨", "閣", "層",
)  # fmt: skip


def _labels() -> dict[str, str]:
    made: dict[str, str] = {}
    for kind, nouns in _NOUNS.items():
        for noun in nouns:
            for ending in _ENDINGS:
                made[key(noun + ending)] = f"number:{kind.value}"
    for kind, words in _BARE.items():
        for word in words:
            made.setdefault(key(word), f"number:{kind.value}")
    for role, words in _LABELS.items():
        for word in words:
            made[key(word)] = role
    made.pop("", None)
    return made


LABELS: Final = _labels()
"""Role by label."""
LABEL_LENGTH_MAX: Final = max(len(label) for label in LABELS)


def _by_key(table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {key(word): role for role, words in reversed(table.items()) for word in words if key(word)}


COLUMNS: Final = _by_key(_COLUMNS)
"""Role by column heading."""
COLUMN_LENGTH_MAX: Final = max(len(heading) for heading in COLUMNS)
TITLES: Final = {key(word): kind for kind, words in _TITLES.items() for word in words if key(word)}
"""Type by title."""
UNITS: Final = frozenset(key(word) for word in _UNITS)
RESULTS: Final = {key(word): result for word, result in _RESULTS.items()}
WORDS_OF_TYPE: Final = {
    DocType.RETURN_NOTE: ("退貨", "退回", "return"),
    DocType.INSPECTION_REPORT: ("檢驗", "驗貨", "inspection", "合格", "抽樣"),
    DocType.CONTRACT: ("合約", "合同", "協議", "contract", "agreement", "訂立", "賣方須"),
    DocType.INVOICE: ("發票", "invoice", "應付", "付款", "支票"),
    DocType.DELIVERY_NOTE: ("送貨", "delivery", "收貨人簽", "點收"),
    DocType.PURCHASE_ORDER: ("採購", "訂購", "purchase order", "訂貨"),
}
"""Weak votes, counted once each."""
