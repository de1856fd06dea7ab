"""Recognises that a person is wanted or needed: asked for, a complaint, or a legal threat."""

from gateway.rules.chat.canonical import TO_SIMPLIFIED
from gateway.rules.chat.words import Seen, any_of, seen_in

_EN_PERSON = (
    r"(?:real |live |actual |human )*(?:person|human(?: being)?|agent|representative|rep|manager|supervisor"
    r"|advis[oe]r|operator|boss|superior|owner|director|team leader|staff(?: member)?|employee|somebody|someone|customer (?:service|care|support)"
    r"|support (?:agent|team|person|staff)|support|cs|people)"
)
PERSON = any_of(
    # en: a verb of contact near a person; a person asked for; nothing but the person
    rf"\b(?:talk|speak|chat|connect|transfer|escalate|forward|put|pass|hand|redirect|get|reach|call)(?:ing)?\b(?: \w+){{0,3}}? (?:to|with|through to|me|us|over to|hold of|for)(?: \w+){{0,3}}? {_EN_PERSON}\b",
    r"\b(?:want|need|like|demand|prefer|require|get me|give me|request|looking for|asking for|find me|send me|i'?ll take|bring|fetch|call)(?: to have| to get| for)?(?: a| an| the| your| some| another| me)?(?: \w+)? (?:real |live |actual )*(?:person|human(?: being)?|(?:support |service |live )agent|representative|rep|manager|supervisor|operator|superior)\b",
    r"\b(?:real|live|actual) (?:human|person|agent|people|operator|representative|support)\b",
    r"\b(?:human|person|agent|representative|manager|operator|supervisor)(?:,? (?:please|pls|now|asap))\b",
    r"^\W*(?:human|agent|operator|representative|live chat|real person|a human|live agent|manager|supervisor|human (?:agent|support|help)|customer service|live support)\W*$",
    r"\b(?:not|no|stop|don'?t want|instead of|tired of|hate)\b(?: \w+){0,4} (?:robots?|bots?|machines?|chat ?bots?|ai|automated)\b",
    r"\bescalate (?:this|it|my)\b|\bspeak (?:to|with) (?:a |an |your )?\w* ?(?:human|person|manager|agent)",
    r"\b(?:is|are) (?:there )?(?:a|an|any|some|your)?(?: )?(?:real |live )?(?:supervisor|manager|agent|person|human|representative|operator|someone|somebody|anyone)s? (?:available|around|free|who can|i can|to (?:talk|speak|help))",
    r"^\W*(?:please )?(?:transfer|connect|escalate) me(?: please| now)?\W*$|\b(?:transfer|connect) me to\b",
    # zh
    r"(?:转|找|要|叫|换|接|请|给我|有没有|喊|联系|呼叫|帮我|切换?|想跟|想和)(?:一?[下个位]|到|接|你们?|您们?|的|真|我|跟){0,12}(?:人工|真人|活人|专人|专员|客服人员|客服|人来|坐席|经理|主管|领导|负责人|店长|店主|上级|老板|管理人员|售后人员)(?!.*(?:几点|时间|上班|下班|周末|工资|招聘|是谁|哪里人|怎么样))",
    # de, fr, es, zh: nothing but the person, as in English above
    r"^\W*(?:einen? |une? |una |con una? )?(?:echter |echten )?(?:mensch(?:en)?|mitarbeiter(?:in)?|kundenservice|kundendienst|berater(?:in)?|humain|conseill(?:er|ere)|service client|humano|persona|agente|asesora?|representante|atencion al cliente|真人|活人|真人客服)(?:,? (?:bitte|svp|stp|s'il vous plait|por favor|谢谢))?\W*$",
    r"人工(?:客服|服务|坐席|回复|处理)?(?:$|[,.!?,。!?~ ]|吧|呢|谢谢|请|快|啊|在吗|有吗|有没有)",
    r"(?:和|跟|与)(?:你们的?|一个)?(?:真人|人工|人|经理|主管|客服|负责人|领导|老板)(?:客服)?(?:说|聊|谈|讲|沟通|对话|通话)",
    r"(?:经理|主管|领导|负责人|老板|店长)(?:呢|出来|过来|来(?:处理|跟|和|一下|说)|给我|接电话|联系我|回电)",
    r"(?:不要|不想|别|不是)(?:再)?(?:跟|和|用|让)?(?:机器人|机器|智能客服|ai)",
    # de
    r"\b(?:mensch(?:en)?|mitarbeiter(?:in)?|berater(?:in)?|vorgesetzten?|chefs?|manager(?:in)?|filialleiter|geschaftsfuhrer|kundendienst|kundenservice|kundenbetreuer|ansprechpartner|support|person|jemande[nm]|leitung|sachbearbeiter)\b(?: \w+){0,4} (?:sprechen|reden|verbinden|verbunden|chatten|telefonieren|weiterleiten|erreichen|kontaktieren|weitergeleitet)",
    r"\b(?:verbinden|verbinde|weiterleiten|leiten|geben|holen|brauche|will|mochte)\b(?: \w+){0,5} (?:echten? )?(?:mensch(?:en)?|mitarbeiter(?:in)?|berater|vorgesetzten?|chef|manager|kundendienst|kundenservice|person|ansprechpartner)\b",
    r"\becht(?:e|er|en|em) (?:mensch(?:en)?|person|mitarbeiter)|\bmenschliche[rn]? (?:mitarbeiter|support|berater)",
    # fr
    r"\b(?:parler|discuter|joindre|passer|passez|contacter|transfer\w+|mettre|mettez|avoir|voudrais|veux|besoin|echanger|appeler|relation)\b(?:[ -]\w+){0,5}?[ -'](?:humain|conseill(?:er|ere)|agent|vraie personne|une personne|responsable|manager|superviseur|superieur|operateur|operatrice|quelqu'?un|service client|directeur|patron|interlocuteur)\b",
    r"\b(?:conseiller|agent|personne|operateur) (?:humaine?|reel(?:le)?|en ligne)\b|\bvraie? (?:personne|humain|conseiller)",
    # es
    r"\b(?:hablar|comunicar\w*|contactar|pas[ae]\w*|pon(?:er|ga)\w*|transfer\w+|conect\w+|atienda|necesito|quiero|quisiera|chatear|deme)\b(?: \w+){0,4}? (?:humano|persona|agente|asesor|asesora|representante|encargad[oa]|gerente|supervisor[a]?|responsable|jefe|operador[a]?|alguien|atencion al cliente|servicio al cliente|director)\b",
    r"\b(?:persona|agente|asesor|operador) (?:real|humano|human[oa]|de verdad)\b",
    # ja
    r"(?:人|人間|生身の人)と(?:話|直接話|やり取り|チャット)",
    r"(?:人間|オペレー?ター?|担当(?:者|の方)?|スタッフ|係の?(?:人|方|者)|有人|店長|責任者|上司|マネージャー|サポートの人|店員|偉い人|上の(?:人|者|方))(?:さん|様|の方)?(?:と|に|を|へ|が|は|チャット|対応)?.{0,8}(?:話|繋|つな|代わ|変わ|替わ|出し|出て|お願い|呼|対応|相談|連絡|電話|希望|切り替え)",
    r"(?:オペレーター|有人チャット|有人対応|人間)(?:を|に|で)?(?:お願い|希望)?(?:します|です)?[。!]*$",
    r"(?:ロボット|ボット|ai|機械)(?:じゃ|では|とは)(?:なく|ない|話)",
)
LEGAL = any_of(
    r"\b(?:lawyers?|attorneys?|solicitors?|sue you|suing|sue your|sue the|will sue|to sue|legal action|legal proceedings|take you to court|see you in court|go(?:ing)? to court|small claims|prosecut\w+|call(?:ing)? the police|go(?:ing)? to the police|police report|trading standards|consumer (?:protection|rights|affairs|court|forum)|better business bureau|bbb|ombudsman|attorney general|ftc)\b",
    r"\b(?:charge ?backs?|dispute (?:the|this|a|my|your|that) (?:charge|payment|transaction)s?|(?:reverse|block|stop|recall|claw back) (?:the|this|my) (?:payment|charge|transaction)|dispute (?:it )?with (?:my|the) (?:bank|card)|(?:open|file|raise)(?:ing)? (?:a |an )?(?:paypal |a-?z |a-to-z )?(?:case|claim|dispute)(?! number))\b",
    r"律师|法院|起诉|告你们?|告你|上诉|法律(?:途径|手段|责任)|报警|公安|警察|派出所|工商局?|12315|12345热线|消协|消费者(?:协会|保护)|市场监管|仲裁|拒付|银行申诉|paypal(?:纠纷|申诉)|开(?:case|纠纷)",
    r"\b(?:rechts)?anwalt(?:s)?\b|\bverklag\w+|\bstrafanzeige|\banzeige (?:erstatten|bei)|\bpolizei\b|\bverbraucherzentrale|\bverbraucherschutz|\bvor gericht|\brechtliche schritte|\bruckbuchung|\bkauferschutz|\bruckbelast",
    r"\bavocats?\b|\b(?:porter|deposer) plainte|\btribunal|\bpoursui(?:vre|tes|vrai)\b|\bpolice\b|\bdgccrf|\bsignal ?conso|\bjustice\b|\bcontester (?:le|ce) (?:paiement|debit|prelevement)|\bopposition (?:a la banque|bancaire|au paiement)|\bque choisir|\bmise en demeure",
    r"\babogad[oa]s?\b|\bdemandar(?:los|les|e)?\b|\bdenunci\w+|\bpolicia\b|\bjuzgado|\btribunal|\bacciones legales|\bcontracargo|\bprofeco|\bhoja de reclamaciones|\bdefensa del consumidor|\boficina del consumidor|\bdisputar (?:el|este) (?:cargo|pago)",
    r"弁護士|訴え(?:る|ます|て)|訴訟|裁判|警察|消費者(?:センター|庁)|消費生活センター|法的(?:措置|手段)|被害届|チャージバック|通報",
)
COMPLAINT = any_of(
    r"\b(?:file|make|lodge|submit|raise|register|place|have|with) (?:a |an |another )?(?:\w+ )?complaints?\b|\b(?:want|like|need|have|going) to complain\b|\bcomplain (?:about|to)\b|\bformal complaint",
    r"\b(?:unacceptable|outrageous|disgraceful|disgusting|furious|appalling|fed up|sick (?:and tired )?of (?:you|this|your|waiting)|ridiculous|pathetic|absolute(?:ly)? (?:joke|terrible|awful)|worst (?:company|service|shop|store|seller|experience|customer)|terrible (?:service|company|customer)|horrible (?:service|company|customer)|awful (?:service|company)|waste of (?:time|money))\b",
    r"\b(?:you(?: guys| people| lot|r (?:company|shop|store))?(?: are|'?re)?(?: all| a| just| nothing but)*|bunch of|you people are|people are|total|these|this is a|it'?s a|pure|complete) (?:scam(?:mers?)?|crooks?|thieves|liars?|cheat(?:s|ers?)|fraud(?:s|sters?)?|rip ?-?off)\b|\b(?:i was|i'?ve been|been|got|you) (?:scammed|cheated|robbed|ripped off|conned)\b",
    r"\b(?:leave|write|post|give you)(?:ing)? (?:a |an )?(?:bad|negative|terrible|1[- ]star|one[- ]star) (?:review|feedback|rating)|\bnever (?:buy|order|shop)(?:ing)?(?: \w+){0,3} again\b|\bi(?:'m| am) (?:so |very |really |extremely )?(?:angry|upset|disappointed|furious|mad)\b|\bshame on you",
    r"投诉|客诉|举报|曝光|骗子|诈骗|欺诈|欺骗|坑人|黑店|黑心|奸商|差评|维权|气死|忍无可忍|太过分|忍不了|受够了|无语了|什么破(?:店|服务|公司)|垃圾(?:店|公司|服务|客服|商家|平台)|服务(?:态度)?(?:太|真|很|极)差|态度(?:太|真|很|极|恶)(?:差|劣)|你们(?:太|真)(?:差|坑|不负责)|不负责任|推卸责任|要个说法|给个说法|给我个交代",
    r"\bbeschwer(?:de|en)\b|\bbetrug|\bbetruger|\babzocke|\bunverschamt|\binakzeptabel|\bfrechheit|\bunmoglich(?:er|es)? (?:service|verhalten)|\bskandal|\bverarsch|\bschlechtester|\bkatastroph|\bsauerei|\bstinksauer",
    r"\breclamation (?:officielle|formelle|contre|aupres)|\b(?:faire|deposer|poser) une (?:reclamation|plainte)|\bme plaindre|\barnaque|\bescroc|\binadmissible|\binacceptable|\bscandaleu|\bhonteu|\bmalhonnete|\bvoleurs?\b|\bras[- ]le[- ]bol",
    r"\b(?:poner|presentar|hacer|interponer) una (?:queja|reclamacion|denuncia)|\bquejarme|\bestafa|\bestafador|\binaceptable|\bverguenza|\bladrones|\bpesimo servicio|\bpesima atencion|\bhart[oa] de|\bindignante",
    r"クレーム|苦情|詐欺|騙され|だまされ|ふざけ(?:る|んな|ないで)|許せ(?:ない|ません)|最悪|ひどすぎ|あり得ない|ありえない(?:対応|です)|いい加減にし|納得(?:でき|いか)(?:ない|ません)|誠意|対応が(?:悪|酷|ひど)|怒って",
)
IS_IT_A_SCAM = any_of(
    r"\bis (?:this|it|your (?:site|shop|store)) (?:a )?(?:scam|legit)",
    r"是不是骗子|骗子吗",
)
NOT_FOR_A_PERSON = any_of(
    r"\bhiring\b|(?<!your )\bjobs?\b|\bcareer|\bvacanc|\bopen(?:ing)? (?:on|at|hours|time)|\bwhat time|\bread-?only\b|(?<!without )(?<!without my )\bpermission|\bsub-?account|\b(?:is|are|isn't|aren't) (?:this|it|that|they|these|those|the|your)\b(?: \w+){0,3} fake\b|\bis (?:this|it|your (?:site|shop|store)) (?:a )?(?:scam|legit)",
    # hours of business, not those waited
    r"(?<![0-9] )(?<!for )(?<!few )(?<!of )(?<!many )(?<!several )(?<!two )(?<!three )\bhours\b(?! (?:ago|now|later|already|and|of waiting))",
    r"招聘|招不招|招人|工作时间|几点(?!.{0,4}(?:到|送|发|派|收))|(?:什么时候|何时|几时|周[末六日]|节假日|晚上).{0,6}[上下]班|[上下]班(?:时间|吗|没(?:$|[?有])|了吗|呢)|子账号|权限|员工.{0,4}(?:账号|价|折扣|福利)|是不是骗子|骗子吗|哪里人|arbeitszeit|offnungszeit|horaires?|horario|営業時間|受付時間|採用",
)


def handover_reason(folded: str | Seen) -> str:
    """Return why a person should take over: legal, complaint, asked_for_person; or "".

    Traditional Chinese is read as written, for Japanese, and in simplified characters.
    """
    seen = seen_in(folded)
    reason = _reason(seen)
    if reason or seen.text.isascii():
        return reason
    simplified = seen.text.translate(TO_SIMPLIFIED)
    return "" if simplified == seen.text else _reason(Seen(simplified))


def _reason(seen: Seen) -> str:
    if LEGAL.search(seen):
        return "legal"
    if COMPLAINT.search(seen) and not IS_IT_A_SCAM.search(seen):
        return "complaint"
    wanted = PERSON.search(seen) and not NOT_FOR_A_PERSON.search(seen)
    return "asked_for_person" if wanted else ""
