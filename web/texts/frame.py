"""What stands round every page: navigation, language, sign-in, problems; the front page and the home page."""

from collections.abc import Mapping
from typing import Final

from api.languages import Wording

TEXTS: Final[Mapping[str, Wording]] = {
    "frame.name": Wording("Chopbook", "Chopbook 印簿"),
    "frame.skip": Wording("Skip to the content", "跳至主要內容"),
    "frame.pages": Wording("Pages", "頁面"),
    "frame.signed_in": Wording("Signed in", "已登入"),
    "frame.sign_out": Wording("Sign out", "登出"),
    "frame.sign_in": Wording("Sign in", "登入"),
    "frame.times": Wording(
        "Times are Hong Kong time (UTC+8); point at one for the exact UTC time.",
        "時間均為香港時間（UTC+8）；指向時間可看準確的 UTC 時間。",
    ),
    "frame.entries": Wording("The log: {count} entries", "審計紀錄：共 {count} 項"),
    "frame.checkpoint": Wording("newest published checkpoint: {size} entries,", "最新公布的檢查點：{size} 項，"),
    "frame.no_checkpoint": Wording("no checkpoint published yet", "尚未公布檢查點"),
    "frame.more": Wording("and {count} more", "另有 {count} 項"),
    "frame.none": Wording("none", "沒有"),
    "frame.yes": Wording("yes", "是"),
    "frame.no": Wording("no", "否"),
    "frame.you": Wording("you", "你"),
    "frame.every_store": Wording("every store", "所有分店"),
    "frame.no_store": Wording("no store assigned", "未獲指派分店"),
    "frame.older": Wording("Older", "較舊"),
    "frame.newest": Wording("Newest", "最新"),
    "frame.first": Wording("Beginning", "首頁"),
    "frame.next": Wording("Next", "下一頁"),
    "frame.page_of_list": Wording("Pages of the list", "分頁"),
    "frame.colon": Wording(": ", "："),
    "frame.show": Wording("Show", "顯示"),
    "frame.clear": Wording("Clear", "清除"),
    "nav.home": Wording("Home", "主頁"),
    "nav.trail": Wording("Trail", "審計紀錄"),
    "nav.stock": Wording("Stock", "倉存"),
    "nav.documents": Wording("Documents", "文件"),
    "nav.pending": Wording("Approvals", "批核"),
    "nav.policies": Wording("Policies", "政策"),
    "nav.retention": Wording("Retention", "保留與處置"),
    "nav.residency": Wording("Where data goes", "資料存放地"),
    "nav.cases": Wording("Personal data", "個人資料"),
    "nav.grants": Wording("Access for a time", "限時存取"),
    "nav.people": Wording("Accounts", "帳戶"),
    "nav.why": Wording("Why?", "為何？"),
    "said.signed_out": Wording("You are signed out.", "你已登出。"),
    "said.session_over": Wording("Your sign-in is over. Sign in again to go on.", "登入已結束。請重新登入以繼續。"),
    "arriving.title": Wording("Opening the page", "正在開啟頁面"),
    "arriving.go_on": Wording("Go on", "繼續"),
    # ---- signing in
    "sign_in.title": Wording("Sign in", "登入"),
    "sign_in.lead": Wording(
        "Paste the access token that your identity provider or your operator gave you.",
        "請貼上身分提供者或系統操作員給你的存取權杖。",
    ),
    "sign_in.token": Wording("Access token", "存取權杖"),
    "sign_in.help": Wording(
        "The operator makes one with `chopbook token issue PERSON`. You stay signed in until it expires, but for 8 hours at most.",
        "系統操作員可用 `chopbook token issue PERSON` 發出。登入持續至權杖到期，最長 8 小時。",
    ),
    "sign_in.safety": Wording(
        "The token is checked and let go; this browser keeps only a session, which signing out ends.",
        "權杖經核實後不予保存；此瀏覽器只保留一個登入狀態，登出後即告失效。",
    ),
    # ---- the front page
    "front.lead": Wording(
        "Every stock movement and every document bears a chop: nobody can later alter, drop, reorder or back-date one without it showing.",
        "每次倉存變動及每份文件都蓋上印記：事後任何人改動、刪去、調換次序或倒填日期，都會露出痕跡。",
    ),
    "front.standing": Wording("Where the log stands", "審計紀錄現況"),
    "front.size": Wording("Entries in the log", "紀錄總數"),
    "front.recorded": Wording("Newest entry", "最新紀錄"),
    "front.root": Wording("Root hash of all entries", "全部紀錄的根雜湊值"),
    "front.checkpoint": Wording("Newest published checkpoint", "最新公布的檢查點"),
    "front.none_yet": Wording("none yet", "暫時未有"),
    "front.checkpoint_help": Wording(
        "Keep a copy somewhere else: whoever holds one can tell if this log was ever rewritten.",
        "請另存一份於別處：手上有檢查點的人，可看出這份紀錄有否被改寫。",
    ),
    "front.proved": Wording(
        "The signature and root above prove which entries this log holds, once you have checked them yourself.",
        "上述簽署和根雜湊值，經你親自核對後，可證明這份紀錄載有哪些內容。",
    ),
    "front.not_proved": Wording(
        "They do not prove that what was recorded is true, nor that nothing was left unrecorded.",
        "它們不能證明所記錄的內容屬實，亦不能證明沒有遺漏。",
    ),
    "front.programs": Wording("For programs", "供程式使用"),
    "front.how": Wording("Log an adjustment from a terminal", "在終端機記錄一次倉存調整"),
    "front.key": Wording(
        "KEY is an API key; the command that started Chopbook printed one for the sample data.",
        "KEY 是 API 金鑰；以示範資料啟動 Chopbook 時會印出一條。",
    ),
    "front.api": Wording("Description of the API (OpenAPI 3.1)", "API 說明（OpenAPI 3.1）"),
    "front.ready": Wording("Readiness", "服務狀態"),
    # ---- home
    "home.title": Wording("Home", "主頁"),
    "home.waits": Wording("What awaits you", "等候你處理"),
    "home.nothing": Wording("Nothing awaits you.", "沒有等候你處理的事項。"),
    "home.to_check": Wording("Papers to be checked", "待核對的單據"),
    "home.whole_queue": Wording("Everything to be checked", "全部待核對文件"),
    "home.pending": Wording("Waiting for a second person", "等候第二人批核"),
    "home.pending_until": Wording("until", "期限"),
    "home.own": Wording("proposed by you", "由你提出"),
    "home.findings": Wording("Personal data found in documents", "文件內發現個人資料"),
    "home.own_waiting": Wording(
        "Personal data found in what you uploaded: an officer looks at it", "你上載的文件內發現個人資料，正由主任處理"
    ),
    "home.own_withdrawn": Wording(
        "Destroyed, for what was found in it: something you uploaded", "你上載的文件因載有以下資料，已經銷毀"
    ),
    "home.finding": Wording(
        "Document {document}, version {version}: {kinds}", "文件 {document} 第 {version} 版：{kinds}"
    ),
    "home.case_findings": Wording("Requests of people: findings", "個人資料要求：發現事項"),
    "personal_kind.hkid": Wording("identity card number", "身份證號碼"),
    "personal_kind.phone": Wording("telephone number", "電話號碼"),
    "personal_kind.card": Wording("payment card number", "支付卡號碼"),
    "personal_kind.name": Wording("name", "姓名"),
    "personal_kind.address": Wording("address", "地址"),
    "home.awaiting": Wording("Broken glass that you were told of", "你獲通知的緊急存取"),
    "home.glass": Wording("Broken glass without a review", "緊急存取未經檢視"),
    "home.newest": Wording("Newest entries", "最新紀錄"),
    "home.all": Wording("The whole trail", "全部審計紀錄"),
    "home.about": Wording("Your account", "你的帳戶"),
    "home.role": Wording("Role", "職位"),
    "home.id": Wording("Id in the log", "紀錄內的代號"),
    "home.stores": Wording("Stores", "分店"),
    # ---- problems
    "problem.back": Wording("Back to the home page", "返回主頁"),
    "problem.faults": Wording("What is wrong", "有誤之處"),
    "problem.needs": Wording("What you would need", "你需要的條件"),
    "problem.nearest_one": Wording(
        "This alone is missing; every other condition is met.", "只欠這一項，其他條件全部符合。"
    ),
    "problem.nearest_more": Wording(
        "{count} things are missing; every other condition is met.", "共欠 {count} 項，其他條件全部符合。"
    ),
    "problem.why": Wording("Explain this decision", "解釋這個決定"),
    "problem.recorded": Wording("This denial is recorded in the log.", "是次拒絕已載入審計紀錄。"),
    "problem.code": Wording("Reason code", "原因代碼"),
    "problem.action": Wording("What was asked for", "所要求的操作"),
    "problem.policy": Wording("Decided by", "決定依據"),
    "problem.request": Wording("Number of this request", "請求編號"),
    "problem.do": Wording("What you can do", "你可以怎樣做"),
    "problem.do.sign_in": Wording("Sign in with a token that is valid now.", "以現時有效的權杖登入。"),
    "problem.do.sign_in_again": Wording(
        "Sign in again with a new token; then you come back here.", "請以新的權杖重新登入，其後會返回此頁。"
    ),
    "problem.do.denied": Wording(
        "Ask whoever manages accounts, or a colleague who has the right, and name the reason code.",
        "請聯絡管理帳戶的同事，或請有權的同事代辦，並告知上述原因代碼。",
    ),
    "problem.do.missing": Wording("Check the address, or begin on the home page.", "請檢查網址，或由主頁開始。"),
    "problem.do.again": Wording(
        "Nothing is lost. Try again in a moment; if it goes on, tell the operator the number of this request.",
        "沒有遺失任何內容。請稍後再試；如問題持續，請把請求編號告知系統操作員。",
    ),
    "problem.do.correct": Wording(
        "Go back, put right what is named above, and send it again.", "請返回上一頁，更正上述內容後再傳送。"
    ),
    "problem.do.operator": Wording(
        "This is a fault of ours. Tell the operator the number of this request.",
        "這是系統錯誤。請把請求編號告知系統操作員。",
    ),
}
