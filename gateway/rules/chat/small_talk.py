"""Recognises messages that only greet, thank or say goodbye, by removing what such messages hold.

Each phrase is removed from the folded text; what remains decides. So "hi there, good morning!"
is a greeting, and "hi, where is my parcel" is not.
"""

import re

from gateway.rules.chat.text import CJK

GREETINGS = (
    r"hi+|hey+|hello+|helo|hallo|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)|morning|yo|sup"
    r"|how (?:are|r) (?:you|u)(?: doing)?|how do you do|what's up|whats up|anyone (?:there|here|online)"
    r"|(?:is )?any(?:one|body) (?:there|here|online|available)|are you (?:there|here|online)|you there|hows it going"
    r"|nice to meet you|can you help me|i need help|help(?: me)?|i have a question|a question"
    r"|guten (?:tag|morgen|abend)|moin(?: moin)?|servus|gruss gott|gru(?:ss|e) dich|hallochen|tach|wie geht(?: es|'s|s)?(?: dir| ihnen)?"
    r"|ist (?:da|hier|dort) jemand|jemand da|ich habe eine frage|konnen sie mir helfen"
    r"|bonjour|bonsoir|salut|coucou|comment allez[- ]vous|comment ca va|ca va|il y a quelqu'?un|vous etes la"
    r"|j'ai une question|pouvez[- ]vous m'aider"
    r"|hola+|buen(?:os|as)(?: dias| tardes| noches)?|buen dia|que tal|como esta(?:s|n)?|hay alguien(?: ahi)?"
    r"|saludos|tengo una (?:pregunta|duda|consulta)|me puede(?:s|n)? ayudar"
)
GREETINGS_CJK = (
    r"你好+|您好+|妳好|哈[喽啰罗]+|嗨+|嘿|喂+|早上好|早安|上午好|中午好|下午好|晚上好|晚安好|大家好|早|亲们?|亲爱的"
    r"|(?:请问)?(?:客服)?(?:有人)?在(?:吗|嘛|么|不在?|不)|(?:请问)?有(?:客服|人|没有人)(?:在)?(?:吗|嘛|么)|有没有人(?:在)?|在线(?:吗|么)"
    r"|打扰(?:一?下|了)|请问一?下|请问|想问一?下|想咨询一?下|咨询一?下|咨询|老板|店家|掌柜(?:的)?|客服|小姐姐|美女|帅哥|最近好吗|吃了吗|幸会"
    r"|こんにち[はわ]|こんばん[はわ]|おはよう(?:ございます)?|はじめまして|もしもし|どうも|やあ|ハロー"
    r"|お世話になっております|お世話になります|お世話様です|すみません|すいません|失礼します|失礼いたします|いらっしゃいますか|誰かいますか"
    r"|質問があります|聞きたいことがあります|お聞きしたいです|よろしくお願い(?:いた)?します"
)
THANKS = (
    r"thank(?:s| ?you|you|u)?|thx+|thnx|tks|ty|tysm|cheers|much appreciated|appreciate (?:it|that|your help|you|the help)"
    r"|i appreciate|appreciated|thank god|grateful|danke(?:schon)?|dank(?:e)? (?:schon|sehr)|vielen (?:lieben )?dank"
    r"|besten dank|herzlichen dank|merci+|remercie|gracias|muchisimas gracias|se lo agradezco|te lo agradezco|agradecid[oa]"
)
THANKS_CJK = (
    r"谢谢+|多谢|感谢|感恩|谢了|谢啦|谢过|3q|辛苦(?:了|啦)?|麻烦(?:了|你了|您了)"
    r"|ありがとう?(?:ございます|ございました)?|あざす|感謝(?:します|いたします|です)?|助かりました|助かります|サンキュー|お疲れ様(?:です|でした)?"
)
GOODBYES = (
    r"good ?bye|bye+(?: bye)?|see (?:you|ya)(?: later| soon)?|have a (?:nice|good|great|lovely) (?:day|one|evening|weekend)|take care|good ?night|cya"
    r"|tschuss|auf wiedersehen|ciao|bis (?:bald|dann|spater)|schonen (?:tag|abend)(?: noch)?"
    r"|au revoir|a bientot|bonne (?:journee|soiree|nuit)|adios|hasta (?:luego|pronto|manana)|chao|que tenga(?:s)? (?:un )?buen dia"
)
GOODBYES_CJK = r"再见|拜拜+|拜|回头见|下次再来|下次聊|先这样|晚安|さようなら|またね|失礼しました|バイバイ|お休みなさい|おやすみ(?:なさい)?"
FILLERS = (
    r"ok(?:ay|ey)?|kk?|great|perfect|awesome|excellent|wonderful|fantastic|amazing|lovely|cool|nice|good|fine|super|brilliant"
    r"|alright|all right|all good|got it|understood|i see|i understand|sure|yes|yeah|yep|yup|no problem|no worries|no|nope|wow"
    r"|that(?: i|')?s (?:all|it|everything|great|perfect|fine|good|very helpful|helpful)(?: for now| i need(?:ed)?)?|nothing else|thats all|thats it"
    r"|(?:it |that |everything )?works?(?: now)?|worked|problem solved|solved|resolved|it(?: i|')?s (?:ok|okay|fine|solved|resolved)(?: now)?"
    r"|(?:that |this |it )?(?:was|is|has been)?(?: very| really| so)? helpful|you(?: a|')?re (?:the best|great|awesome|welcome|very kind|a star)"
    r"|for (?:your |the |all )?(?:your )?(?:quick |fast |prompt |kind |great )?(?:help|assistance|support|time|reply|response|answer|info|information|service|patience|explaining|everything)"
    r"|so much|very much|a lot|a bunch|again|really|very|so|much|you|many|for|the|a|and|to|all|there|everyone|everybody|guys|team|sir|madam|ma'?am|miss|mate|folks|friend|dear|please|pls|just|well|then|now|today|too|me|i|it|that|this|is|was|my|your"
    r"|alles klar|gut|prima|toll|wunderbar|hat geklappt|sehr|ja|nein|fur (?:die|ihre|deine) (?:schnelle )?(?:hilfe|antwort|auskunft)|das war'?s|das ist alles|zusammen|liebes team|sie|du|ihnen|dir|und|noch"
    r"|d'accord|parfait|tres bien|super|genial|c'est (?:bon|tout|parfait)|pour (?:votre|ton) (?:aide|reponse)|beaucoup|bien|oui|non|monsieur|madame|a vous|je vous|vous|tout le monde|et|mille fois"
    r"|vale|perfecto|muy (?:bien|amable)|entendido|muchas|mil|por (?:su|tu|la|todo)(?: ayuda| atencion| respuesta)?|eso es todo|si|todo|bien|a todos|senor(?:a|ita)?|amig[oa]s?|muy|ayuda|y|de acuerdo|listo|usted"
)
FILLERS_CJK = (
    r"好的+|好吧|好了|好滴|好哒|好嘞|好|嗯+|哦+|噢|行了?|可以了|知道了|知道啦|明白了?|了解了?|收到了?|清楚了|懂了|没问题了?|没事了?|没有?了|不用了|解决了|搞定了|问题解决了"
    r"|已经|太好了|太棒了|真棒|棒|很好|非常|十分|真的|很|太|你们?|您们?|的|了|啦|呀|啊|哈+|呢|吧|噢|哟|哇|那|就|这样|先|再|大家|帮忙|帮助|耐心|解答|回复|回答|服务|态度|老师|麻烦|我|都|也|一下"
    r"|はい|いいえ|了解(?:です|しました)?|わかりました|分かりました|なるほど|大丈夫(?:です)?|解決しました|問題ありません|ご対応|ご回答|ご返信|お返事|本当に|どうも|とても|いつも|早速|早速の|の|を|に|と|は|、|です|ね|よ|皆さん|さん"
)
_LATIN_END = r"(?![a-z0-9'])"


def _phrases(latin: str, cjk: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9'])(?:{latin}){_LATIN_END}|(?:{cjk})")


_KINDS = (
    ("thanks", _phrases(THANKS, THANKS_CJK)),
    ("greet", _phrases(GREETINGS, GREETINGS_CJK)),
    ("bye", _phrases(GOODBYES, GOODBYES_CJK)),
)
_ANY_LATIN = _phrases(f"{THANKS}|{GREETINGS}|{GOODBYES}", "3q")
_ANY_CJK = re.compile(f"{THANKS_CJK}|{GREETINGS_CJK}|{GOODBYES_CJK}")
_FILLERS = _phrases(FILLERS, FILLERS_CJK)
_MARKS = re.compile(rf"[^a-z0-9{CJK}?]+")
_ASKS = re.compile(
    r"[?]|\b(?:where|when|how|why|what|which|can|could|does|do|but|not|wo|wann|wie|aber|ou|quand|mais|donde|cuando|como|pero)\b|什么|怎么|哪|多少|几|吗|但|ですが|けど|どこ|いつ"
)
LONGEST = 160
"""Characters a message of small talk has at most."""
_LEFT_OVER = 2


def small_talk(folded: str) -> str:
    """Return "greet", "thanks" or "bye" if the folded message is nothing else, or ""."""
    if len(folded) > LONGEST or not _may_greet(folded):
        return ""
    rest, found = folded, []
    for name, phrases in _KINDS:
        rest, count = phrases.subn(" ", rest)
        if count:
            found.append(name)
    words = _MARKS.sub(" ", _FILLERS.sub(" ", rest)).replace("?", " ").split()
    if not words:
        return found[0]
    asks = _ASKS.search(rest) or re.search(f"[{CJK}]", "".join(words))
    return "thanks" if found[0] == "thanks" and len(words) <= _LEFT_OVER and not asks else ""


def _may_greet(folded: str) -> bool:
    """Whether any phrase of a kind occurs; one search for what then takes several."""
    return bool(_ANY_LATIN.search(folded) or (not folded.isascii() and _ANY_CJK.search(folded)))
