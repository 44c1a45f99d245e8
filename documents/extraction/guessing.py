"""Labels that no list has, by how they end or begin: 對應訂單, `Orig. P.O.`, 安裝費, `Total Minimum Purchase`.

Weaker than a known label: only asked where a token is none of those.
"""

from __future__ import annotations

import re
from typing import Final

from documents.extraction import lexicon
from documents.extraction.dates import is_whole_date
from documents.extraction.flat import Token
from documents.extraction.labels import Label, cut, is_firm
from documents.extraction.plain import has_chinese, has_digit, tidy
from documents.extraction.units import is_unit

LENGTH_MAX: Final = 36
WORDS_MAX: Final = 5
NAME_MIN: Final = 6
"""Letters from which what ends as a party is called may be a name: 和記棧百貨供應商."""
_PERCENT: Final = re.compile(r"\s*[(（]?\s*[0-9.]+\s*%\s*[)）]?\s*$|\s*[(（][^()（）]{1,12}[)）]\s*$")
_SELLS: Final = r"供應|供貨|供|銷售|銷貨|銷|售貨|出售|售|賣|發貨|出貨|送貨|付貨|付運|交貨|來貨|批發|開票|出票|收款|受訂|接單|承辦|寄賣|寄售|製造|生產|代理|經銷"
_BUYS: Final = (
    r"購貨|購買|採購|訂購|訂貨|購|買|收貨|需|要貨|進貨|入貨|退貨|退回|付款|受票|代銷|零售|承銷|承購|受貨|簽收"
)
_WHO: Final = r"(?:方|單位|公司|商號|商戶|商行|商|廠家|廠|客戶|店舖|店|主|家){1,2}(?:名稱|資料)?"
_PARTY: Final = (
    (lexicon.SUPPLIER, rf"(?:{_SELLS}){_WHO}|(?:付貨|付運|出票|售貨)人|廠家(?:名稱)?|貨源|(?:致|退予|退回)供應商|退(?:回|貨|還)?(?:予|給|到|至|往)"),
    (lexicon.BUYER, rf"(?:{_BUYS}){_WHO}|(?:承銷|受票|承購|受貨)人|致客戶|客[人戶]名稱?|商戶(?:名稱)?|(?:委託|申請|送檢|送樣)(?:人|方|單位|公司|客戶|者)"),
    (lexicon.BUYER, r"(?:售|賣|銷售|開票|開發票|開單|發貨|出貨|供貨|交貨)(?:予|與|給|至)|.{0,2}抬頭"),
)  # fmt: skip
"""Who does it and what: 收貨 + 單位. The whole of a label, so that no firm's name is one."""
_PARTY_LATIN: Final = (
    (lexicon.SUPPLIER, r"(?:name of )?(?:the )?(?:supplier|vendor|seller)(?:'?s)?(?: (?:co\.?|company))?(?: name)?"),
    (lexicon.SUPPLIER, r"(?:purchased?|buy|bought|order(?:ed)?|invoiced?|billed?|supplied|delivered|goods) from"),
    (lexicon.BUYER, r"(?:name of )?(?:the )?(?:cust\.?|customer|buyer|purchaser|client|applicant)(?:'?s)?(?: (?:co\.?|company))?(?: name)?"),
    (lexicon.BUYER, r"(?:sell|sold|bill(?:ed)?|invoiced?|charged?|consigned|supplied)(?: (?:&|and) \w+)? to|returned? from"),
)  # fmt: skip
_OF_ANOTHER: Final = (
    r"^(?:原|有關|相關|對應|參考|參照|所屬)(?:送|發|出|收|交|配|提|運|銷|售|帳|賬|來).{0,6}(?:單號|編號|號碼?|單|票)$"
)
"""The number of the paper that this one goes back to, as a label and as a heading."""
_CHINESE: Final = (
    (lexicon.IGNORED, _OF_ANOTHER),
    (lexicon.CUSTOMER_PO, r"^(?:貴|客|原)(?!送|發|出|收|交|退|配|提|運|銷|售|帳|賬).{0,2}(?:單號|單編號|單號碼)$"),
    (lexicon.SUBTOTAL, r"小計$|^分計$|^(?:折扣?前|未[計扣折].{0,2}|扣減前|原價|毛).{0,3}(?:額|計|值|金額)$"),
    (lexicon.CURRENCY, r"(?:貨幣|幣別|幣種)(?:單位)?$"),
    (lexicon.IGNORED, r"(?:數量|件數|箱數|地址|電話|條款|條件|方式|簽署|簽名|蓋章|地點|人員|員|人|聯絡)$"),
    (lexicon.DATE_OTHER, r".(?:日期|日)$"),
    (lexicon.CUSTOMER_PO, r"(?:訂單|採購單|訂購單|訂貨單)(?:號碼?|編號|參考)?$"),
    (lexicon.UNKNOWN_NUMBER, r"(?:單號|編號|號碼|[票件案書告約同檔表證貨條函據字退送訂發驗購]號)$"),
    (lexicon.SUPPLIER, r"(?:供應商|供貨商|賣方)(?:名稱)?$"),
    (lexicon.BUYER, r"(?:客戶|買方|收貨方)(?:名稱)?$"),
    (lexicon.DISCOUNT, r"(?:折扣|優惠|回贈)$|^扣數$"),
    (lexicon.FREIGHT, r".(?:費|費用)$"),
    (
        lexicon.TOTAL,
        r"^(?:總|合計|合共|共計|應付|應收|應退|退款).{0,5}(?:額|計|值|款|款項|價|銀|金額)$|.(?:總額|總值|總數|總金額|總價|總計|合計)$",
    ),
    (
        lexicon.TOTAL,
        r"^(?:淨|實際|本單|全單|賬單|帳單).{0,3}(?:額|計|款|應付|應收)$|^(?:大計|埋單|結欠)$|^(?:應繳|尚欠|未付|結欠|應付).{0,2}(?:餘額|額|款|金額)$",
    ),
)
_LATIN: Final = (
    (lexicon.SUBTOTAL, r"\bsub\W?(?:total|ttl)$|^gross (?:value|amt|amount|total)$|\bbefore disc(?:ount)?\.?$"),
    (lexicon.CURRENCY, r"\bcurrency$"),
    (lexicon.IGNORED, r"\b(?:qty|quantity|units|cartons|ctns|pieces|pcs|weight|items|lines|packages|volume|name|by|terms?|address|tel|contact)$"),
    (lexicon.DATE_OTHER, r"\bdate$|^date (?:of|for)\b|^date [a-z]+ed$"),
    ("number:delivery_note", r"^d[il|][no](?: (?:no|number|ref|#))?\.?$"),
    (lexicon.CUSTOMER_PO, r"^(?:your |our |cust\.? |customer |ref\.? )?p[il1|]o(?: no)?\.?$|\b(?:p\.?/?o\.?|purchase order|customer order|order)(?: (?:no|ref|number|#)\.?)?$"),
    (lexicon.UNKNOWN_NUMBER, r"\b(?:no|number|ref|reference)\.?$|#$"),
    (lexicon.SUPPLIER, r"\b(?:supplier|vendor|seller)$"),
    (lexicon.BUYER, r"\b(?:customer|buyer|purchaser)$"),
    (lexicon.DISCOUNT, r"\b(?:discount|rebate)$"),
    (lexicon.FREIGHT, r"^(?:add:? |plus )?(?:ocean |sea |air |local |inland )?(?:freight|carriage|postage|courier|cartage)\b(?! (?:forwarder|company|by)\b)|^(?:delivery|shipping|transport|handling) ?\([^()]{3,30}\)$|\b(?:fee|(?<!in )charges?|surcharge|levy)$"),
    (lexicon.TOTAL, r"^(?:grand )?total\b|\btotal(?: \(?hk[d$]\)?)?$|^ttl\b|^net am(?:oun)?t\b|^pay this amount$"),
)  # fmt: skip


_HEAD: Final = re.compile(
    r"(?i)(?:日期|單號|編號|號碼|訂單號?|總?金額|總額|總計|合計|總值|費用|折扣|小計|p\W?o\b\.?(?: ?(?:no|number|ref|號碼?|編號))?\.?)"
    r" ?(?:[:：]|$)"
)
_MIXED_ORDER: Final = re.compile(r"(?i)(?:客戶?|貴.?|原|訂單?|相關|有關) ?p\W?o\b")


def guess_label(token: Token) -> Label | None:
    """The label that a token looks like by its ending, with what stands behind a colon; None if it looks like none."""
    text = tidy(token.text)
    said, mark, rest = _parted(text)
    said = _PERCENT.sub("", said).strip(" *-")
    if said.count("(") > said.count(")"):
        return None  # a name, and its code in brackets behind it
    if not said or len(said) > LENGTH_MAX or has_digit(said) or is_unit(said):
        return None
    role = _party(said)
    if role is None:
        if is_firm(said):
            return None
        role = lexicon.DATE_OTHER if mark and is_whole_date(rest) else _role(said)
        if role is None or (role in {lexicon.SUPPLIER, lexicon.BUYER} and not mark and len(said) > NAME_MIN):
            return None
    value = cut(token, text.index(rest, len(said)), text) if rest else None
    return Label(token, role, value, exact=False, closed=bool(mark) or value is None, guessed=True)


def says_more(label: Label) -> bool:
    """Whether a label that is known goes on to a word that heads another: 送達日期 is no 送達, `客戶PO` no customer."""
    return label.rest is not None and not label.closed and _HEAD.match(tidy(label.rest.text)) is not None


def _party(said: str) -> str | None:
    """The party that a text names from its first to its last letter, in either language or both, or in two words for one."""
    if "/" in said:
        halves = {_party(half) for half in said.split("/")}
        if len(halves) == 1 and None not in halves:
            return halves.pop()
    chinese = re.sub(r"[^\u3400-\u9fff]", "", said)
    latin = " ".join(re.sub(r"[^A-Za-z.'& ]", " ", said).split())
    roles = {role for role, pattern in _PARTY if chinese and re.fullmatch(pattern, chinese)}
    roles |= {role for role, pattern in _PARTY_LATIN if latin and re.fullmatch(f"(?i){pattern}", latin)}
    return roles.pop() if len(roles) == 1 else None


def _parted(text: str) -> tuple[str, str, str]:
    parts = re.split(r"\s*([:：])\s*", text, maxsplit=1)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else (text, "", "")


def _role(said: str) -> str | None:
    chinese = re.sub(r"[^\u3400-\u9fff]", "", said)
    latin = " ".join(re.sub(r"[\u3400-\u9fff]", " ", said).split())
    if _MIXED_ORDER.search(said):
        return lexicon.CUSTOMER_PO
    if has_chinese(said) and len(chinese) <= 8:
        for role, pattern in _CHINESE:
            if re.search(pattern, chinese):
                return role
    if latin and len(latin.split(" ")) <= WORDS_MAX:
        for role, pattern in _LATIN:
            if re.search(f"(?i){pattern}", latin):
                return role
    return None


_ASIDE: Final = re.compile(r"\s*[(（][^()（）]{1,12}[)）]")
_COLUMN_CHINESE: Final = (
    (lexicon.IGNORED, _OF_ANOTHER),
    ("reason", r".(?:原因|理由)$"),
    ("batch", r".(?:批號|批次|批次號)$"),
    ("expiry", r"^(?:有效|到期|屆滿|失效|過期|食用|最佳|賞味|保質|保存|使用).{0,4}(?:期|期限|日|日期)$"),
    ("made", r".(?:日期|日|預計到貨)$|^預計"),
    ("quantity", r"^每[日天週周月季年期次].{0,3}(?:數|數量|量)$|^.{0,2}供[應貨]量$"),
    ("quantity_other", r"^(?:欠|未|尚|合格|不合格|抽|樣|次|壞|拒|差|短|缺|庫存|結存|每|累計|待|贈).{0,4}(?:數|數量|量|件數|貨)$"),
    ("other", r"(?:溫度?|濕度|糖度|酸度|鹽度|水[份分]|含量|殘留|氣味|色澤|外觀|標籤|儲存|產地|品牌)$|^(?:農藥|重金屬|微生物|大腸)"),
    ("quantity", r".(?:數量|件數|[貨購送收退發驗單到訂採][數量])$"),
    ("unit_price", r"^(?!.*(?:零售|建議)).*單價$"),
    ("amount", r".(?:金額|總額|銀碼|貨款)$"),
    ("result", r".(?:結果|判定|結論)$"),
    ("remark", r"(?:備註|備注|附註|備考|意見|狀況)$"),
    ("sku", r"^(?:貨品|商品|產品|物料|貨物|藥品|食品|材料|書籍).{0,2}(?:編號|號碼|代號|代碼|編碼|貨號|號)$"),
    ("description", r"^(?:貨品|商品|產品|物料|貨物|藥品|食品|材料|書籍).{0,3}(?:名稱|說明|描述|內容|名)$"),
    ("unit", r".單位$"),
)  # fmt: skip
_COLUMN_LATIN: Final = (
    ("reason", r"\breason\b"),
    ("batch", r"\b(?:batch|lot)(?: (?:no|number|code|ref|#))?\.?$"),
    ("expiry", r"\b(?:expiry|exp\.?|expiration|best before|use by)(?: date)?$"),
    ("made", r"\b(?:date|eta|etd)$"),
    ("quantity_other", r"\b(?:short|back|reject|accept|fail|pass|defect|sampl|outstanding|balance|pack|per|to follow).*\b(?:qty|quantity)$"),
    ("other", r"\b(?:temp|temperature|humidity|moisture|residues?|appearance|odou?r|origin|brand|weight)\.?$|^core\b"),
    ("quantity", r"\b(?:qty|quantity)\.?$"),
    ("unit_price", r"^(?!.*\b(?:retail|srp|rrp)\b).*\bunit (?:price|cost|rate)$"),
    ("amount", r"\b(?:amount|amt\.?)$"),
    ("result", r"\bresults?$"),
    ("remark", r"\b(?:remarks?|notes?|comments?)$"),
)  # fmt: skip


def guess_column(text: str) -> str | None:
    """The role of a column that a heading of no list names by how it ends: 退倉原因, `Qty this trip`; None if by nothing.

    Asked only of what stands among headings that are known.
    """
    said = _ASIDE.sub("", tidy(text)).strip(" *-.:")
    chinese = re.sub(r"[^\u3400-\u9fff]", "", said)
    latin = " ".join(re.sub(r"[^A-Za-z.# ]", " ", said).split())
    roles = [
        next((role for role, pattern in table if re.search(f"(?i){pattern}", half)), None)
        for table, half in ((_COLUMN_CHINESE, chinese), (_COLUMN_LATIN, latin))
        if half and len(half) <= LENGTH_MAX
    ]
    told = {role for role in roles if role is not None}
    return told.pop() if len(told) == 1 else None
