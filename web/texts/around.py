"""What stands round a document: folders, tags, links and notes."""

from collections.abc import Mapping
from typing import Final

from api.languages import Wording

TEXTS: Final[Mapping[str, Wording]] = {
    "around.tags": Wording("Tags", "標籤"),
    "around.remove": Wording("take away", "移除"),
    "around.remove_tag": Wording("Take the tag {tag} away", "移除標籤 {tag}"),
    "around.remove_link": Wording("Take this link away: {name}", "移除連結：{name}"),
    "around.links": Wording("Linked papers and movements of stock", "相關文件及倉存變動"),
    "around.no_links": Wording("It is linked to nothing.", "沒有相關文件或倉存變動。"),
    "around.entry": Wording("entry {index} of the log", "審計紀錄第 {index} 項"),
    "around.notes": Wording("Notes", "備註"),
    "around.no_notes": Wording("There are no notes.", "沒有備註。"),
    "around.note_gone": Wording("(destroyed with the document)", "（已隨文件銷毀）"),
    "around.add": Wording("Add a tag, a note or a link", "加上標籤、備註或連結"),
    "around.tag": Wording("Tag", "標籤"),
    "around.tag_help": Wording(
        "One word for finding it again. It stands in the log for ever: no names of people.",
        "方便日後查找的短詞。標籤永久載於審計紀錄，請勿填寫個人姓名。",
    ),
    "around.add_tag": Wording("Add the tag", "加上標籤"),
    "around.note": Wording("Note", "備註"),
    "around.note_help": Wording("It is sealed with the document.", "備註會與文件一同加密封存。"),
    "around.add_note": Wording("Add the note", "加上備註"),
    "around.link_kind": Wording("This document", "此文件"),
    "around.target": Wording("Number or address of the other", "另一份文件的編號或網址"),
    "around.target_help": Wording(
        "The number on the other paper, such as PO-2026-101, or the address of its page; for a movement of stock, the number of its entry.",
        "另一份單據上的編號（例如 PO-2026-101）或其頁面網址；如屬倉存變動，請填審計紀錄的編號。",
    ),
    "around.add_link": Wording("Link it", "加上連結"),
    "link.fulfils": Wording("delivers what was ordered by", "按此訂單送貨"),
    "link.invoices": Wording("invoices", "就此單據開出發票"),
    "link.returns": Wording("returns goods of", "退回此單據的貨品"),
    "link.inspects": Wording("inspects goods of", "檢驗此單據的貨品"),
    "link.supersedes": Wording("takes the place of", "取代"),
    "link.evidence_of": Wording("is evidence of the movement of stock", "倉存變動憑證"),
    "linked.fulfils": Wording("was delivered by", "送貨單據"),
    "linked.invoices": Wording("was invoiced by", "發票"),
    "linked.returns": Wording("goods were returned by", "退貨單據"),
    "linked.inspects": Wording("was inspected by", "檢驗報告"),
    "linked.supersedes": Wording("was superseded by", "取代此文件的是"),
    "folder.sku": Wording("SKU", "貨品"),
    "folder.supplier": Wording("Supplier", "供應商"),
    "folder.store": Wording("Store", "分店"),
    "folder.general": Wording("General", "一般"),
    "said.noted": Wording("Noted, and in the log.", "已記下並載入審計紀錄。"),
}
