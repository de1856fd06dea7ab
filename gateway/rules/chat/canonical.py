"""The one spelling of a question under which an answer may be found again, and known questions.

Only what cannot change the answer is taken away: case, width, punctuation, politeness around the
question, short forms, traditional characters. Words inside it stay, so two questions that differ
in a number, a place or a "not" never share a spelling.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from gateway.rules.chat.knowledge import KnowledgeBase
from gateway.rules.chat.text import CJK, fold, normalise

_PAIRS = (
    "開开 發发 貨货 單单 運运 費费 訂订 購购 買买 賣卖 價价 錢钱 優优 會会 員员 "
    "點点 數数 積积 帳帐 號号 碼码 記记 設设 備备 電电 話话 郵邮 國国 際际 關关 "
    "稅税 報报 檢检 驗验 證证 實实 體体 營营 業业 時时 間间 聯联 繫系 絡络 線线 "
    "調调 換换 損损 壞坏 壓压 縮缩 圖图 樣样 顏颜 藍蓝 綠绿 紅红 黃黄 銀银 銅铜 "
    "鐵铁 紙纸 裝装 書书 類类 別别 據据 庫库 倉仓 儲储 處处 辦办 負负 責责 專专 "
    "門门 為为 麼么 還还 沒没 這这 個个 們们 來来 說说 請请 謝谢 給给 對对 從从 "
    "過过 讓让 與与 選选 擇择 認认 確确 變变 補补 遞递 達达 簽签 總总 計计 額额 "
    "減减 滿满 滅灭 顯显 題题 問问 詢询 諮咨 評评 論论 贈赠 禮礼 務务 場场 產产 "
    "質质 級级 輕轻 鬆松 難难 雙双 隻只 條条 張张 項项 應应 該该 將将 結结 賬账 "
    "戶户 無无 須须 種种 長长 遠远 邊边 進进 內内 裡里 兩两 幾几 週周 歲岁 東东 "
    "車车 馬马 駕驾 龍龙 鳥鸟 風风 飛飞 機机 灣湾 聽听 覺觉 見见 視视 觀观 現现 "
    "頻频 頁页 寫写 畫画 聲声 錄录 銷销 後后 頭头 髮发 響响 愛爱 寶宝 貝贝 賺赚 "
    "賠赔 償偿 貸贷 歸归 納纳 統统 編编 輯辑 網网 鏈链 斷断 連连 續续 繼继 終终 "
    "錯错 誤误 軟软 雜杂 團团 滯滞 燈灯 熱热 褲裤 釦扣 針针 塊块 幣币 銖铢 盧卢 "
    "義义 藥药 養养 檔档 導导 啟启 閉闭 僅仅 傳传 載载 讀读 議议 護护 環环 織织 "
    "綿绵 綢绸 廣广 島岛 區区 縣县 鄉乡 樓楼 層层 櫃柜 檯台 臺台 盤盘 鍵键 螢萤 "
    "攝摄 鏡镜 繪绘 畢毕 獎奖 勵励 贏赢 虛虚 擬拟 壽寿 劑剂 濕湿 乾干 淨净 嬰婴 "
    "兒儿 孫孙 媽妈 爺爷 獨独 雖虽 隨随 離离 遲迟 遷迁 適适 邏逻 醫医 釋释 鑰钥 "
    "閱阅 隊队 階阶 雲云 靜静 韓韩 順顺 願愿 飯饭 飲饮 餘余 驚惊 齊齐 歐欧 黨党 "
    "齡龄 訴诉 騙骗 詐诈 轉转 經经 領领 闆板 權权 態态 舉举 極极 師师 協协 監监 "
)
TO_SIMPLIFIED = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()})
"""Traditional characters of shop talk; one not listed only costs a hit."""

_SHORT_FORMS = (
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"\bcan't\b|\bcannot\b"), "can not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"\b(what|where|when|who|how|it|that|there|here)'s\b"), r"\1 is"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"\bi'm\b"), "i am"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'ll\b"), " will"),
)
_MARKS = re.compile(r"[,.!?;:\"'()\[\]…。、「」『』《》~-]+")
_BESIDE_CJK = re.compile(rf"(?<=[{CJK}])\s+|\s+(?=[{CJK}])")
_BEFORE = re.compile(
    r"^(?:(?:hi|hello|hey|hallo|hola|bonjour|good (?:morning|afternoon|evening|day)|dear (?:sir|madam|team|seller|all)"
    r"|there|please|pls|excuse me|sorry|guten tag|buenos dias|buenas tardes|s'il vous plait|por favor|bitte"
    r"|(?:can|could|would) you (?:please |kindly )?(?:tell me|let me know|explain(?: to me)?|help me understand)(?: about)?"
    r"|(?:can|may|could) i ask(?: you)?|i (?:would like|want|wanted|need|wish|would love) to (?:know|ask|find out)(?: about)?"
    r"|i have a question|quick question|(?:konnen|konnten) sie mir (?:bitte )?sagen|pouvez vous me dire|(?:puede|podria) decirme)"
    r"(?:\s+|$))+"
)
_AFTER = re.compile(
    r"(?:\s+(?:please|pls|thanks|thank you|thx|many thanks|thanks a lot|thank you (?:very|so) much|in advance|cheers"
    r"|danke|merci|gracias|bitte|por favor|s'il vous plait))+$"
)
_BEFORE_CJK = re.compile(
    r"^(?:你好|您好|hi|hello|哈喽|嗨|亲爱的|亲|老板|客服|店家|掌柜的?|在吗|打扰一?下|不好意思|麻烦(?:您|你)?(?:问一?下|看一?下)?"
    r"|请问(?:一?下)?|想?(?:问|咨询|请教)一?下|(?:我)?(?:想|要)(?:问|咨询|了解|知道)(?:一?下|下)?|请教一?下|咨询一?下"
    r"|こんにちは|すみません|お尋ねしますが|教えてください)+"
)
_AFTER_CJK = re.compile(
    r"(?:谢谢(?:您|你|啦|了)?|多谢|感谢|麻烦了|呢|呀|啊|哦|哈|呗|啦|拜托了?|ありがとうございます|教えてください)+$"
)
_DIGITS = re.compile(r"\d+")


def canonical(text: str) -> str:
    """Return the spelling under which equal questions meet; the text itself if nothing is left."""
    plain = fold(normalise(text))
    latin = plain.isascii()
    if not latin:
        plain = plain.translate(TO_SIMPLIFIED)
    if "'" in plain or "cannot" in plain:
        for short, long in _SHORT_FORMS:
            plain = short.sub(long, plain)
    plain = " ".join(_MARKS.sub(" ", plain).split())
    if not latin:
        plain = _BESIDE_CJK.sub("", plain)
    bare = _BEFORE_CJK.sub("", plain)  # some of it is Latin
    if not latin:
        bare = _AFTER_CJK.sub("", bare)
    bare = bare.strip()
    bare = _AFTER.sub("", _BEFORE.sub("", bare))
    return bare.strip() or plain or text


def known_digits(text: str, knowledge: KnowledgeBase) -> bool:
    """Tell whether every run of digits in the text stands in some question of the knowledge."""
    runs = set(_DIGITS.findall(normalise(text)))
    return not runs or runs <= _questions(knowledge).digits


def known_as(spelling: str, knowledge: KnowledgeBase) -> str:
    """Return the id of the one entry that lists this canonical question as a wording, or ""."""
    return _questions(knowledge).entries.get(spelling, "")


class _Questions:
    """What is asked of a whole knowledge base's questions, made once for each base."""

    __slots__ = ("digits", "entries")

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.digits = frozenset(
            run for text, _ in _wordings(knowledge) for run in _DIGITS.findall(normalise(text))
        )
        entries: dict[str, str] = {}
        for text, entry in _wordings(knowledge):
            spelling = canonical(text)
            # a wording of two entries belongs to neither
            entries[spelling] = entry if entries.get(spelling, entry) == entry else ""
        self.entries: Mapping[str, str] = entries


def _wordings(knowledge: KnowledgeBase) -> list[tuple[str, str]]:
    return [
        (text, entry.id)
        for entry in knowledge.entries
        for texts in entry.questions.values()
        for text in texts
    ]


@lru_cache(maxsize=16)
def _by_version(version: str, name: str) -> list[_Questions]:  # noqa: ARG001 # the key
    return []


def _questions(knowledge: KnowledgeBase) -> _Questions:
    kept = _by_version(knowledge.version, knowledge.name)
    if not kept or not knowledge.version:
        kept[:] = [_Questions(knowledge)]
    return kept[0]
