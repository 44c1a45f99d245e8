"""Words by which personal data is known in Hong Kong paperwork."""

from __future__ import annotations

from typing import Final

HKID_WORDS: Final = (
    "身份證", "身分證", "證件號碼", "身份証", "HKID", "HK ID", "HKIC", "I.D. No", "ID No", "ID NO", "ID Card", "Identity Card",
    "Identity No", "Identification No",
)  # fmt: skip

PHONE_WORDS: Final = (
    "電話", "手機", "手提", "聯絡號碼", "聯絡", "查詢熱線", "熱線", "來電", "致電", "Tel", "Phone", "Mobile", "Mob", "Cell",
    "WhatsApp", "Whatsapp", "Contact No", "Hotline", "Call",
)  # fmt: skip

PHONE_CODE_WORDS: Final = ("電話", "手機", "手提", "聯絡", "致電", "Tel", "WhatsApp")
"""Those that say in a code, too, that a telephone number follows; goods are called phones, cells and mobiles."""

NOT_PHONE_WORDS: Final = (
    "商業登記", "登記證號碼", "BR No", "B.R.", "BRN", "單號", "編號", "採購單", "發票", "送貨單", "退貨單", "日期", "批號", "批次",
    "PO", "P.O.", "Invoice", "Inv", "Order", "DN", "Batch", "Lot", "Date", "SKU", "Item", "Ref", "Account", "A/C",
    "帳號", "戶口",
)  # fmt: skip

NAME_LABELS_ZH: Final = (
    "經手人", "收貨人", "簽收人", "簽收", "聯絡人", "負責人", "客戶姓名", "顧客姓名", "姓名", "送貨員", "檢驗員", "採購員", "收件人",
    "承辦人", "司機", "驗收人", "製單人", "製單", "批核人",
)  # fmt: skip
NAME_TITLES_ZH: Final = ("先生", "女士", "小姐", "太太", "夫人", "經理", "主任", "師傅")

NAME_LABELS_EN: Final = (
    "Contact Person", "Contact", "Attention", "Attn", "Received by", "Prepared by", "Checked by", "Approved by", "Handled by",
    "Signed by", "Issued by", "Inspector", "Inspected by", "Customer Name", "Consignee", "Driver", "Delivered by", "Name",
)  # fmt: skip
NAME_TITLES_EN: Final = ("Mr", "Mrs", "Ms", "Miss", "Dr", "Madam")

SURNAMES_ZH: Final = frozenset(
    "陳黃李梁張林王吳何劉鄭楊郭葉蔡曾鄧周許鍾朱羅蘇徐余馮莫關胡馬袁譚潘江謝江盧黎蕭麥余溫姚方文邱石高歐杜伍彭沈程趙孫"
    "游龍唐孔簡呂丁董蔣范魏任陸賴霍區湯甘施尹冼俞康洪廖韓傅翁鄒鄺阮馬岑顏詹柯紀嚴熊戴招易段雷白侯賀金童田汪卓符凌賈史"
    "古布苗甄車祝成夏秦顧毛邵萬倫葛姜屈駱宋曹梅莊連饒包陶薛鮑茹畢談辛鮮巫邢辜尤殷樊裴隋司"
)
SURNAMES_LONG_ZH: Final = ("歐陽", "司徒", "上官", "司馬", "諸葛", "皇甫", "公孫", "尉遲", "東方")

SURNAMES_EN: Final = frozenset((
    "Au", "Au-Yeung", "Auyeung", "Chan", "Chang", "Chau", "Cheng", "Cheong", "Cheuk", "Cheung", "Chiang", "Chiu",
    "Cho", "Choi", "Chong", "Chow", "Choy", "Chu", "Chui", "Chun", "Chung", "Dai", "Fan", "Fok", "Fong", "Foo",
    "Fu", "Fung", "Ha", "Ho", "Hon", "Hong", "Hsu", "Hui", "Hung", "Ip", "Kam", "Kan", "Keung", "Ko", "Kong", "Koo",
    "Kung", "Kwan", "Kwok", "Kwong", "Lai", "Lam", "Lau", "Law", "Lee", "Leong", "Leung", "Li", "Liang", "Liao",
    "Lin", "Ling", "Liu", "Lo", "Loh", "Lok", "Lui", "Luk", "Lung", "Ma", "Mak", "Man", "Mo", "Mok", "Mui", "Ng",
    "Ngai", "Ngan", "Or", "Ou", "Pak", "Pang", "Poon", "Pun", "Sham", "Shek", "Shiu", "Shum", "Siu", "So", "Soo",
    "Suen", "Sun", "Sung", "Szeto", "Tai", "Tam", "Tan", "Tang", "Tong", "Tsang", "Tse", "Tsoi", "Tsui", "Tung",
    "Wai", "Wan", "Wang", "Wat", "Wong", "Woo", "Wu", "Yam", "Yan", "Yau", "Yeung", "Yim", "Yin", "Ying", "Yip",
    "Yiu", "Yu", "Yue", "Yuen", "Yung", "Zhang", "Zhao", "Zheng", "Zhou", "Zhu",
))  # fmt: skip

NOT_NAMES_EN: Final = (
    "Tel", "Phone", "Mobile", "Fax", "Email", "Date", "Dept", "Department", "Signature", "Sign", "Address", "Company", "Limited",
    "Ltd", "No", "Total", "Invoice", "Order", "Delivery", "Note", "Store", "Shop", "Supplier", "Buyer", "Person", "Name",
    "Position", "Title", "Whatsapp", "HKID",
)  # fmt: skip
"""Words of forms that stand where a name would go on."""

DISTRICTS_ZH: Final = (
    "香港", "九龍", "新界", "中西區", "灣仔", "東區", "南區", "油尖旺", "深水埗", "九龍城", "黃大仙", "觀塘", "葵青", "荃灣", "屯門",
    "元朗", "北區", "大埔", "沙田", "西貢", "離島", "旺角", "尖沙咀", "銅鑼灣", "鰂魚涌", "北角", "上環", "中環", "將軍澳", "葵涌",
    "青衣", "紅磡", "長沙灣", "荔枝角", "九龍灣", "牛頭角", "筲箕灣", "柴灣", "香港仔", "上水", "粉嶺", "天水圍", "馬鞍山", "火炭",
    "東涌", "油麻地", "佐敦", "太古", "小西灣", "藍田", "新蒲崗",
)  # fmt: skip

DISTRICTS_EN: Final = (
    "Hong Kong", "Kowloon", "New Territories", "N.T.", "Central", "Wan Chai", "Wanchai", "Eastern", "Southern", "Mong Kok", "Mongkok",
    "Tsim Sha Tsui", "Sham Shui Po", "Kwun Tong", "Kwai Chung", "Tsuen Wan", "Tuen Mun", "Yuen Long", "Tai Po", "Sha Tin", "Shatin",
    "Sai Kung", "Quarry Bay", "North Point", "Sheung Wan", "Causeway Bay", "Tseung Kwan O", "Tsing Yi", "Hung Hom", "Cheung Sha Wan",
    "Lai Chi Kok", "Kowloon Bay", "Chai Wan", "Aberdeen", "Sheung Shui", "Fanling", "Tin Shui Wai", "Ma On Shan", "Fo Tan", "Tung Chung",
    "Yau Ma Tei", "Jordan", "Wong Tai Sin", "San Po Kong", "Ngau Tau Kok",
)  # fmt: skip
