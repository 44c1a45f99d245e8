"""What drawn papers say: shops, suppliers, goods and wordings of Hong Kong trade, in both languages. All invented."""

from __future__ import annotations

from typing import Final

Pair = tuple[str, str]
"""Traditional Chinese, English."""

SUPPLIERS: Final[tuple[Pair, ...]] = (
    ("榮豐糧油有限公司", "Wing Fung Provisions Limited"),
    ("海灣冷藏食品有限公司", "Harbour Chilled Foods Ltd."),
    ("大埔奶品有限公司", "Tai Po Dairy Company Limited"),
    ("金鷹紙業(香港)有限公司", "Golden Eagle Paper (H.K.) Limited"),
    ("同德藥業有限公司", "Tung Tak Pharmaceutical Co. Ltd."),
    ("新力電器批發", "Sun Lik Electrical Wholesale"),
    ("泰昌飲品貿易公司", "Tai Cheong Beverages Trading Co."),
    ("南記醬園", "Nam Kee Sauce Maker"),
    ("萬通日用品有限公司", "Man Tung Household Products Ltd"),
    ("北海道水產(香港)有限公司", "Hokkai Marine Products (HK) Limited"),
    ("德興茶莊", "Tak Hing Tea House"),
    ("綠田有機農產有限公司", "Green Field Organic Farm Limited"),
)
SHOPS: Final[tuple[Pair, ...]] = (
    ("海怡便利店", "South Horizon Mart"),
    ("山頂角落商店", "Peak Corner Store"),
    ("屯門一家超市", "Tuen Mun One Supermarket"),
    ("灣仔雜貨有限公司", "Wan Chai Grocers Limited"),
    ("康城生活百貨", "Lohas Living Stores"),
    ("西環藥房", "Western District Dispensary"),
)
GOODS: Final[tuple[tuple[Pair, tuple[Pair, ...], bool], ...]] = (
    (("梳打餅", "Soda Crackers"), (("包", "PKT"), ("箱", "CTN")), True),
    (("燕麥奶", "Oat Milk"), (("樽", "BTL"), ("箱", "CTN")), True),
    (("消毒濕紙巾", "Disinfecting Wipes"), (("盒", "BOX"), ("包", "PACK")), True),
    (("特級生抽", "Premium Soy Sauce"), (("支", "BTL"), ("箱", "CTN")), True),
    (("急凍蝦仁", "Frozen Shrimp Meat"), (("包", "BAG"), ("盒", "BOX")), True),
    (("鮮牛奶", "Fresh Milk"), (("支", "BTL"), ("盒", "BOX")), True),
    (("陳年普洱茶", "Aged Pu'er Tea"), (("罐", "TIN"), ("盒", "BOX")), True),
    (("紅豆", "Red Beans"), (("袋", "BAG"), ("包", "PKT")), True),
    (("粟米片", "Corn Flakes"), (("盒", "BOX"),), True),
    (("止痛退熱丸", "Pain Relief Tablets"), (("盒", "BOX"), ("樽", "BTL")), True),
    (("魚肝油丸", "Cod Liver Oil Capsules"), (("樽", "BTL"),), True),
    (("番茄汁", "Tomato Juice"), (("罐", "CAN"), ("箱", "CASE")), True),
    (("芝士片", "Cheese Slices"), (("包", "PKT"),), True),
    (("急凍雞翼", "Frozen Chicken Wings"), (("包", "BAG"), ("箱", "CTN")), True),
    (("三層廁紙", "3-ply Toilet Roll"), (("條", "PACK"), ("箱", "CTN")), False),
    (("LED 燈膽", "LED Bulb"), (("個", "PCS"), ("盒", "BOX")), False),
    (("拖板", "Extension Socket"), (("個", "PCS"),), False),
    (("保鮮紙", "Cling Film"), (("卷", "ROLL"), ("盒", "BOX")), False),
    (("洗潔精", "Dishwashing Liquid"), (("支", "BTL"), ("桶", "TUB")), False),
    (("即棄木筷", "Disposable Chopsticks"), (("包", "PKT"), ("箱", "CTN")), False),
    (("垃圾袋", "Refuse Bags"), (("紮", "BDL"), ("包", "PKT")), False),
    (("電芯", "Alkaline Batteries"), (("排", "CARD"), ("盒", "BOX")), False),
)
SIZES: Final = ("200g", "1L", "500ml", "80 pcs", "2.5kg", "330ml x 24", "750g x 6", "AA 4's", "60 caps", "1.8L")
TITLES: Final[dict[str, tuple[Pair, ...]]] = {
    "purchase_order": (("採購訂單", "PURCHASE ORDER"), ("訂貨單", "ORDER FORM"), ("採購單", "Purchase Order")),
    "delivery_note": (("送貨單", "DELIVERY NOTE"), ("出貨單", "DELIVERY ORDER"), ("交貨單", "Dispatch Note")),
    "return_note": (
        ("退貨通知書", "GOODS RETURN ADVICE"),
        ("退貨單", "RETURN NOTE"),
        ("退回單", "Goods Returned Note"),
    ),
    "invoice": (("發票", "INVOICE"), ("銷售發票", "SALES INVOICE"), ("商業發票", "Commercial Invoice")),
    "inspection_report": (
        ("驗收報告", "INSPECTION REPORT"),
        ("品質檢驗報告", "QC REPORT"),
        ("來貨檢驗報告", "Receiving Inspection Report"),
    ),
    "contract": (
        ("供貨合約", "SUPPLY CONTRACT"),
        ("買賣合約", "SALES CONTRACT"),
        ("採購合約", "Purchase Agreement"),
    ),
}
NUMBERS: Final[dict[str, tuple[Pair, ...]]] = {
    "purchase_order": (("訂單編號", "P.O. No."), ("採購單號", "Order Number"), ("編號", "No.")),
    "delivery_note": (("送貨單號", "D/N No."), ("單據編號", "Delivery No."), ("單號", "Ref. No.")),
    "return_note": (("退貨單號", "Return No."), ("單據編號", "Document No."), ("編號", "RTV No.")),
    "invoice": (("發票號碼", "Invoice No."), ("發票編號", "Inv. No."), ("單據號碼", "Invoice Number")),
    "inspection_report": (("報告編號", "Report No."), ("驗收單號", "Inspection No."), ("檔案編號", "Ref No.")),
    "contract": (("合約編號", "Contract No."), ("合約號碼", "Agreement No."), ("編號", "Contract Ref.")),
}
DATES: Final[dict[str, tuple[Pair, ...]]] = {
    "purchase_order": (("訂購日期", "Order Date"), ("日期", "Date")),
    "delivery_note": (("日期", "Date"), ("出單日期", "Date of Issue")),
    "return_note": (("退貨日期", "Return Date"), ("日期", "Date")),
    "invoice": (("發票日期", "Invoice Date"), ("日期", "Date")),
    "inspection_report": (("檢驗日期", "Inspection Date"), ("報告日期", "Report Date")),
    "contract": (("簽訂日期", "Date of Contract"), ("日期", "Dated")),
}
ORDERS: Final[tuple[Pair, ...]] = (
    ("客戶訂單編號", "Customer PO No."),
    ("訂單號碼", "Your Order No."),
    ("採購單號", "PO Number"),
)
SUPPLIER: Final[tuple[Pair, ...]] = (("供應商", "Supplier"), ("供貨商", "Vendor"), ("賣方", "Seller"))
BUYER: Final[tuple[Pair, ...]] = (("客戶", "Customer"), ("收貨單位", "Deliver To"), ("買方", "Sold To"))
OTHER_FACTS: Final[tuple[tuple[Pair, tuple[str, ...]], ...]] = (
    (("付款條件", "Payment Terms"), ("30 days", "月結30天", "C.O.D.")),
    (("送貨日期", "Delivery Date"), ("",)),
    (("客戶編號", "Customer Code"), ("C00127", "HK-0458", "8831")),
    (("司機", "Driver"), ("陳生", "Wong", "車 3")),
    (("車牌", "Vehicle No."), ("RX 4812", "TN 207")),
    (("頁", "Page"), ("1/1", "1 of 1")),
)
HEADINGS: Final[dict[str, tuple[Pair, ...]]] = {
    "line": (("項次", "Item"), ("序", "No."), ("行", "Ln")),
    "sku": (("貨號", "Item Code"), ("產品編號", "Product Code"), ("貨品編號", "SKU"), ("料號", "Stock Code")),
    "desc": (("貨品名稱", "Description"), ("品名及規格", "Particulars"), ("產品說明", "Product")),
    "qty": (("數量", "Qty"), ("件數", "Quantity"), ("數目", "QTY")),
    "unit": (("單位", "Unit"), ("包裝", "UOM")),
    "unit_price": (("單價", "Unit Price"), ("單價(HK$)", "Price"), ("單價", "Rate")),
    "amount": (("金額", "Amount"), ("金額(HK$)", "Amount (HK$)"), ("總額", "Total")),
    "batch": (("批號", "Batch No."), ("批次", "Lot"), ("生產批號", "Lot No.")),
    "expiry": (("到期日", "Expiry"), ("有效期", "Exp. Date"), ("食用期限", "Best Before")),
    "result": (("結果", "Result"), ("檢驗結果", "Result")),
    "reason": (("退貨原因", "Reason"), ("原因", "Reason")),
}
RESULTS: Final[tuple[tuple[str, Pair], ...]] = (("PASS", ("合格", "PASS")), ("PASS", ("合格", "Pass")), ("FAIL", ("不合格", "FAIL")))  # fmt: skip
REASONS: Final[tuple[Pair, ...]] = (
    ("包裝破損", "Damaged packing"),
    ("過期", "Expired"),
    ("送錯貨", "Wrong goods"),
    ("品質問題", "Quality problem"),
    ("多送", "Over-supplied"),
)
SUMS: Final[dict[str, tuple[Pair, ...]]] = {
    "subtotal": (("小計", "Sub-total"), ("貨款小計", "Goods Total")),
    "discount": (("折扣", "Less Discount"), ("減折扣", "Discount")),
    "freight": (("運費", "Delivery Charge"), ("運輸費", "Freight")),
    "total": (("總計", "Total"), ("應付總額", "Amount Due"), ("合計", "Grand Total")),
}
STREETS: Final[tuple[Pair, ...]] = (
    ("香港柴灣豐業街12號8樓", "8/F, 12 Fung Yip Street, Chai Wan, Hong Kong"),
    ("九龍觀塘偉業街148號3樓B室", "Flat B, 3/F, 148 Wai Yip Street, Kwun Tong, Kowloon"),
    ("新界沙田火炭坳背灣街38號", "38 Au Pui Wan Street, Fo Tan, Shatin, N.T."),
)
FOOT: Final[tuple[Pair, ...]] = (
    ("貨物出門,恕不退換。", "Goods sold are not returnable."),
    ("如有短缺請於三天內通知本公司。", "Please report any shortage within three days."),
    ("支票抬頭請寫本公司名稱。", "Cheques should be crossed and made payable to us."),
)
SIGNATURES: Final[tuple[Pair, ...]] = (
    ("經手人", "Prepared by"),
    ("收貨人簽署及蓋章", "Received by (Signature & Chop)"),
)
