"""Recognises what a customer wants looked up: an order, a parcel, a refund, the stock of an item.

All patterns see folded text. "Personal" patterns tell "where is my order" (look it up) from "how
long does delivery take" (knowledge).
"""

from gateway.rules.chat.words import Seen, any_of, seen_in

_EN_GOODS = r"(?:orders?|packages?|parcels?|shipments?|delivery|deliveries|items?|stuff|purchases?|products?|goods|things?|package|pkg|mail)"
_EN_DONE = r"(?:ship(?:ped|ping)?|dispatch(?:ed)?|sent|send|deliver(?:ed)?|arriv(?:ed?|ing)|left|posted|mailed|come|coming|here|going out|gone out|going to (?:ship|arrive|come|be (?:shipped|delivered|sent))|on (?:the|its|it's) way|out for delivery|late|delayed|lost|taking (?:so|this|that) long|show(?:n|ed)? up|processed|fulfilled|ready|get(?:ting)? here)"

ORDER_STATUS = any_of(
    rf"\bwhere(?:'s|s|'re)?(?: (?:is|are|the hell is|on earth is|has|did))?(?: (?:my|our|the|that|this))(?: (?!receipt|invoice|tracking|refund|code|return)\w+)? {_EN_GOODS}\b(?! (?:made|from|manufactured|come|produced))",
    rf"\b(?:has|have|had|did|is|are|was|were|hasn'?t|haven'?t|isn'?t|didn'?t|will|won'?t) (?:my|our|the)(?: (?!tracking|money|refund|return)\w+)? {_EN_GOODS}(?: (?:i|we) \w+(?: \w+)?)?(?: (?:be|been|not|already|still|even|finally|actually|yet|now|today|tomorrow|going to))* {_EN_DONE}\b(?! to\b)",
    rf"\b(?:when|what time|what day|how soon|how (?:much )?long(?:er)?(?: (?:until|till|before))?)(?:'s|'ll)?(?: (?:will|is|are|does|do|can|should|would|might))?(?: (?:i|we) (?:get|receive|expect|have))? ?(?:my|our)(?: (?!refund|money|return)\w+)? {_EN_GOODS}\b(?!.*\b(?:usually|normally|typically|cancel|return)\b)",
    r"\b(?:status|progress|update|updates|news|whereabouts|eta|info|information) (?:of|on|about|for|regarding) (?:my|our|an|the|this|that)(?: \w+)? (?:order|package|parcel|shipment|delivery|purchase)\b",
    r"\b(?:my|our|the|this|current|an?)?(?: )?(?:order|delivery|shipment|shipping|parcel|package) (?:status|progress|update)\b(?!.*\b(?:frozen|stuck|not|hasn'?t|wrong)\b)",
    r"\b(?:check|look up|look into|locate|find|trace|follow up on|chase|see|pull up|verify|know)(?: on| out| about)?(?: the (?:status|progress|location) (?:of|on|for))?(?: where| when| if)? (?:my|our)(?: \w+)? (?:order|package|parcel|shipment|delivery)(?! (?:number|id|history|confirmation))\b",
    r"^(?:hi |hello |hey |please |pls |can you |could you |i want to |i'?d like to |i would like to |i need to |kindly )*track(?:ing)? (?:my|the|this|our|a|an)?(?: )?(?:\w+ )?(?:order|package|parcel|shipment|delivery)\b",
    rf"\b(?:i|we|my wife|my husband)(?:'ve|'m)?(?: (?:still|have|am|has|did|do))*(?: (?:not|never)|n't|nt)?(?: \w+){{0,2}} (?:not|never|haven'?t|hasn'?t|didn'?t|don'?t|waiting)(?: (?:even|yet|still|been|for|on|to|receive|get))*(?: (?:receive[d]?|gotten|got|get|had|seen))?(?: (?:my|our|the|any))(?: \w+)? {_EN_GOODS}\b",
    rf"\b(?:my|our)(?: \w+)? {_EN_GOODS}(?: (?:i|we) \w+(?: \w+){{0,3}}?)? (?:hasn'?t|has not|hasnt|haven'?t|have not|didn'?t|did not|never|is not|isn'?t|not|still(?: has)? not|still hasn'?t|still isn'?t|is still|is late|is delayed|is overdue|is taking|was supposed to|should have|still)(?: (?:even|yet|been|be|not|to))*(?: {_EN_DONE})?\b",
    rf"\bwhy (?:has|have|is|hasn'?t|haven'?t|isn'?t|didn'?t)(?: my| the| our| it)(?: \w+)?(?: {_EN_GOODS})?(?: (?:not|been|yet|still|even))* {_EN_DONE}\b",
    r"\b(?:bought|ordered|purchased|paid)\b.{0,60}\b(?:(?:not|hasn'?t|haven'?t|never|nothing|isn'?t|didn'?t)(?: \w+){0,3} (?:ship(?:ped)?|arrived?|come|came|received?|got|gotten|sent|dispatched|delivered|here)|still (?:waiting|nothing|not|no sign)|no sign of|where is it|where'?s it|when (?:will|does|is) it (?:ship|arrive|come|be (?:shipped|delivered|here)))",
    r"\bwhat(?:'s| is|s| has| about)? (?:happening|happened|going on|up|the story|the deal) (?:with|to) (?:my|our|the|that|this)(?: \w+)? (?:order|package|parcel|delivery|shipment)\b",
    r"\bwhere(?:'s| is| are|s) (?:the|my|that|those|these)(?: \w+){1,3} (?:that )?(?:i|we) (?:ordered|bought|purchased|paid for)\b",
    r"\bis my(?: \w+)? (?:order|purchase) (?:confirmed|placed|accepted|through|complete|processing|being processed|ok|okay)\b",
    rf"\b(?:has|have|did) my(?: \w+)? {_EN_GOODS} (?:\w+ )?(?:left|leave|made it|make it|cleared|reached|reach)\b",
    r"\b(?:order|parcel|package|shipment|delivery)\b.{0,20}\b(?:seems|appears|must be|got|is|has been|been) (?:lost|delayed|overdue|missing in transit)\b",
    r"\b(?:has|did|is|was) (?:order|package|parcel|shipment) (?:\w+ )?(?:ship|gone|been|left|arriv|out|sent|on)",
    r"\bstill waiting (?:for|on) (?:my|our|the|it|this)\b(?!.*\brefund|.*\breply|.*\banswer)",
    r"\bwhen (?:will|does|is) (?:it|this|that|my stuff|my things) (?:going to )?(?:ship|be shipped|be delivered|get here|show up)\b(?!.*\b(?:usually|normally|back|pre-?order))",
    # zh: mine plus a question of progress, or an impatient "why not yet"
    r"(?:我的?|我们的?|俺的?|那个|那单|这单|这个|之前|昨天|前天|上周|上个?月|上星期|刚才|刚刚|早上|双十一|双11|\d{1,2}[号日天]).{0,8}(?:订单|包裹|快递|货|东西|件|单子?|商品|衣服|鞋子?|宝贝|物流|买的?|拍的?|下的?单|订的?).{0,8}(?:到哪|在哪|哪儿?了|到了(?:吗|没|么)|到没|发货了?(?:吗|没|么)|发了?(?:吗|没|么)|发出来?了?(?:吗|没|么)|寄(?:出|走)?了?(?:吗|没|么)|发没发|(?:什么|啥)时候?.{0,3}(?:到|发|送|寄|收)|几时|几[号天].{0,3}(?:到|发|送)|多久.{0,4}(?:到|发|送|收)|怎么还[没不]|咋还[没不]|为什么还?[没不](?:发|到|送|寄|收)|为啥还?[没不]|[还都]没(?:有)?(?:到|发|送|收|寄|动静|消息)|[还都]不(?:到|发|送|寄)|状态|进度|怎么样了|啥情况|什么情况|到货|没收到|没到)",
    r"(?:^|帮我?|给我|麻烦|想|能|可以|请|我要)(?:你?们?)?(?:查(?:一?下|询|看)?|看(?:一?下|看)?|跟(?:一?下|进)|催(?:一?下|促)?)(?:我的|一下|下)*(?:订单|快递|包裹|物流|发货|运单|单子|派送|配送|派件)(?:状态|进度|情况|信息|到哪|在哪|了|吗|吧|呗)*[。!?~]*$",
    r"(?:怎么|咋|为什么|为啥|为何)(?:还|都|一直|到现在)+(?:[没不]|没有)(?:给我)?(?:发货|发出|发|到货|到|送到?|寄出?|收到货?|派送|配送|出库)(?!票)",
    r"^(?:请问)?(?:快递|包裹|货|订单|物流|东西|件)(?:现在|目前)?(?:到哪|在哪|走到哪|送到哪)|(?:订单|快递|包裹|货物|物流)(?:现在|目前|今天)?(?:到哪|在哪|走到哪|送到哪|运到哪)(?:里|儿|了|啦)*",
    r"(?:催|加急|尽快|快点|赶紧|赶快)(?:一?下)?(?:发货|发出|派送|送货|物流|快递|配送)|(?:发货|快递|物流|配送|派送)(?:太|好|真|怎么这么|这么)慢",
    r"(?:查|看|问)(?:一?下|询)?我的?(?:订单|快递|包裹|物流)(?!在哪|怎么)",
    r"(?:买|下单|订购?|拍|付款).{0,3}了?.{0,10}(?:天|周|星期|月|久|日).{0,6}(?:没有?|不)(?:收到|到|发|送|见)",
    r"等了.{0,8}(?:天|周|星期|个?月|久).{0,10}(?:没|不见|不到)",
    r"我(?:们)?的?(?:货|快递|包裹|东西|订单|商品|衣服|鞋子?|宝贝)(?:呢|在哪|去哪|丢了吗|哪里去了|哪去了)",
    r"(?:什么|啥|何)时候?(?:才|能|可以|会)*(?:给我|帮我)(?:发货|发出|发|寄|送)|(?:几时|多久)(?:才|能)*(?:给我|帮我)(?:发|寄|送)",
    r"(?:半个?|一|两|二|三|几|\d{1,2})个?(?:多)?(?:天|周|星期|月|礼拜)了?.{0,10}(?:还|都|也|仍)没(?:有)?(?:到|收到|发|送|动静|消息)",
    # de
    r"\bwo (?:ist|bleibt|bleiben|sind|befindet sich|steckt) (?:denn )?(?:nur )?(?:mein|meine|unser|unsere|das|die)\b(?: \w+)? ?(?:bestellung|paket|sendung|lieferung|ware|artikel|packchen|packerl|bestellte\w*)",
    r"\b(?:wurde|ist|wird|sind|wurden|hat) (?:mein|meine|unsere?|die|das)(?: \w+)? (?:bestellung|paket|sendung|lieferung|ware|artikel) (?:\w+ ){0,3}(?:versandt|verschickt|versendet|unterwegs|angekommen|geliefert|losgeschickt|verloren|bearbeitet|rausgegangen|abgeschickt|zugestellt)\b",
    r"\bwann (?:kommt|wird|ist|kommen|erhalte ich|bekomme ich|kriege ich|trifft|geht)(?: denn)? (?:mein|meine|unsere?)(?: \w+)? (?:bestellung|paket|sendung|lieferung|ware|artikel)",
    r"\b(?:status|stand) (?:meiner|der|zu meiner|von meiner|meines)(?: \w+)? (?:bestellung|lieferung|sendung|pakets)|\b(?:bestell|liefer|sendungs|versand)status\b|\bsendung verfolgen\b|\bpaket verfolgen\b",
    r"\b(?:meine?|unsere?|das|die)(?: \w+)? (?:bestellung|paket|sendung|lieferung|ware) (?:\w+ ){0,4}(?:noch nicht|immer noch|nicht angekommen|noch immer|verspatet)\b(?!.*\b(?:zugestellt|stornier|ander))|\b(?:warte|habe)\b.{0,30}\b(?:noch nicht|noch immer|immer noch|seit)\b.{0,30}\b(?:bestellung|paket|sendung|lieferung|ware)\b",
    # fr
    r"\bou (?:est|en est|se trouve|sont|reste)(?: donc| passee?)? (?:ma|mon|mes|notre|la|le)\b(?: \w+)? ?(?:commande|colis|paquet|livraison|article|articles)",
    r"\b(?:ma|mon|notre|mes)(?: \w+)? (?:commande|colis|paquet|livraison|articles?) (?:\w+ ){0,2}(?:a-t-(?:elle|il)|est-(?:elle|il)|sont-ils|n'est (?:toujours )?pas|n'a (?:toujours )?pas|n'est jamais|est en retard|arrive(?:ra)? quand|arrive-t)",
    r"\bquand (?:vais-je recevoir|est-ce que (?:je (?:recois|vais recevoir|recevrai)|(?:ma|mon)(?: \w+)? (?:arrive|sera))|recevrai-je|arrive|sera|va arriver)(?: donc)? ?(?:ma|mon|notre)?\b(?: \w+)? ?(?:commande|colis|paquet|livraison)?(?=.*\b(?:ma|mon|notre) (?:commande|colis|paquet|livraison))",
    r"\b(?:statut|etat|suivi|avancement|nouvelles) (?:de|du|sur) (?:ma|mon|la|le|notre)(?: \w+)? (?:commande|colis|livraison|paquet)|\bsuivre (?:ma|mon) (?:commande|colis|livraison)\b(?<!comment suivre mon colis)",
    r"\b(?:toujours pas|pas encore|jamais) (?:recu|eu|arrive|livre|expedie)\w*\b(?!.*rembours)(?!.*\bmais\b.*livre)",
    # es
    r"\bdonde (?:esta|estan|anda|va|se encuentra|queda)(?: ahora)? (?:mi|mis|el|nuestro)\b(?: \w+)? ?(?:pedido|paquete|envio|compra|orden|articulo|producto)",
    r"\b(?:mi|mis|nuestro)(?: \w+)? (?:pedido|paquete|envio|compra|orden) (?:\w+ ){0,2}(?:no (?:ha|me ha) (?:llegado|salido)|todavia no|aun no|no llega|sigue sin|esta retrasad|no aparece|esta en camino|fue enviad|ya salio)",
    r"\b(?:cuando|a que hora|que dia) (?:llega|llegara|va a llegar|recibo|recibire|me llega|me llegara|sale|saldra|entregan|envian|enviaran)(?: \w+)? ?(?:mi|mis|nuestro)\b(?: \w+)? ?(?:pedido|paquete|envio|compra|orden)",
    r"\b(?:estado|seguimiento|estatus|status|situacion) (?:de|del)(?: mi| el)? ?(?:\w+ )?(?:pedido|paquete|envio|compra|orden)\b|\brastrear (?:mi|el) (?:pedido|paquete|envio)",
    r"\b(?:ya )?(?:ha sido|fue|han|se ha|se) (?:enviad[oa]|enviado) (?:ya )?mi (?:pedido|compra|paquete)|\b(?:no|aun no|todavia no) (?:he recibido|me ha llegado|me llego|recibi)\b(?!.*(?:reembolso|correo|factura|entregado))",
    # ja
    r"(?:私の|注文した|購入した|買った|頼んだ|先日の?|昨日の?|先週の?).{0,12}(?:どこ|いつ(?:届|着|来|発送)|まだ(?:届|着|来|発送)|届(?:いて|か)(?:い)?(?:ない|ません)|発送(?:され|し)(?:て|まし)|状況|ステータス|どうなって)",
    r"(?:注文|荷物|商品|配送|発送|配達|お届け)(?:の|は|って|が)?(?:現在の?|今)?(?:状況|ステータス|どこ(?:に|です|まで)|今どこ|どうなって|まだ(?:です|届|来|着|発送)|いつ(?:届きますか|着きますか|来ますか|発送されますか))(?!.*か月)",
    r"(?:いつ|何日に|もう)(?:発送|出荷|届|到着|配達).{0,20}(?:注文|購入|買い)(?:しま|済|しました|した)|(?:注文|購入|買い)(?:しま|しました|した|済み).{0,20}(?:いつ|まだ|もう)(?:届|発送|来|着|到着|出荷)",
    r"(?:まだ|いまだに|一向に)(?:届|着|到着|来|発送|配達)(?:い|か|し|さ|き)?(?:て|ま|な|れ)",
)
NOT_ORDER_STATUS = any_of(
    r"\b(?:how|where) (?:do|can|could|would|should|to) (?:i|we|one)? ?(?:\w+ )?(?:track|follow|check|see|find|trace|view|monitor|look)|\btracking (?:number|code|link|id|info(?:rmation)?)\b|\btracking\b.*\b(?:updat|mov|stuck|frozen|chang|stopp)|\b(?:stuck|frozen|hasn'?t moved|not moving|not moved|no movement|not (?:been )?updat\w*|no updates?)\b",
    r"\b(?:deliver(?:ed|y)|arrived|signed)\b.*\b(?:but|never|nothing|not here|didn'?t|without|yet)\b.*\b(?:got|get|receiv\w+|here|there|find|found|arrived?|nothing)\b|\b(?:marked|says?|shows?|showing|shown|status|listed)(?: as| it'?s| it was| it is| that it was)? (?:deliver|arriv|complet)\w*|\bproof of delivery",
    r"\bcancel|\bchange (?:my|the|an|it)\b|\bmodify|\bedit\b|\baddress\b|\breturn(?:ing|ed)?\b|\bexchange|\binvoice|\breceipt|\bcustoms?\b|\bduty|\bduties|\btax|\bmerge|\bcombin|\btogether\b|\bmissing\b|\bincomplete|\bdamaged?|\bbroken\b|\bshatter|\bcrack|\bdefect|\bfaulty|\bwrong\b|\bincorrect|\bdifferent (?:item|product|colou?r|size)|(?:\bnot|n'?t) (?:what|the (?:one|item|thing|product)) (?:i|we)\b|\bcoupon|\bvoucher|\bpromo|\bdiscount|\bwarranty|\bpassword|\breset|\bemail\b|\be-mail\b|\bgift|\binternational|\boverseas|\babroad|\busually|\bnormally|\btypically|\bgenerally|\bon average|\bpre-?order|\bsync|\bimport|\berp\b|\bsystem\b|\bstore auth|\blabel|\bwaybill|\bin the box|\bcharged\b|\bunpaid\b|\bpaid (?:but|and)|\badd (?:another|an|one|more|something)|\bquantity|\binclude[ds]?\b|\bwarehouse\b|\bonly \d+ of|\bonly (?:got|received|one|half|part)",
    r"取消|撤单|退货|退款|退钱|退回|换货|地址|发票|收据|海关|清关|关税|报关|合并|一起(?:发|寄)|少(?:发|了|件|寄)|漏(?:发|了|寄)|缺(?:件|少|了)|破|坏|碎|裂|发错|错(?:发|货)|不是我|优惠|券|折扣|保修|质保|密码|邮件|签收|妥投|已送达|显示(?:已?送|已?签|投递)|更新|不动|停(?:滞|留|在)|没变化|卡(?:住|在)|预售|预定|预订|定金|国际|国外|海外|一般|通常|正常|大概|平时|同步|抓取|系统|后台|平台|erp|拉取|漏单|店铺|面单|打印|授权|在哪(?:里|儿)?(?:可以|能)?(?:查|看|找)|怎么(?:查|看|跟踪|追踪)|如何(?:查|看|跟踪|追踪)|哪里(?:可以|能)?(?:查|看|找)|物流单号在|加一件|改(?:成|数量|颜色|尺码)|只收到|没在里面",
    r"\blieferzeit|\bwie lange dauert|\bstornier|\bandern\b|\badresse|\bzuruck(?:schick|send|geben)|\bretour|\bumtausch|\brechnung|\bzoll|\bbeschadigt|\bkaputt|\bdefekt|\bfalsch|\bfehlt|\bunvollstandig|\bgutschein|\bals zugestellt|\bzugestellt markiert|\bpasswort|\bin der regel|\bnormalerweise|\bwie kann ich\b.*\bverfolg|\bwo kann ich|\bnicht aktualisiert|\bsteht still|\bvorbestell",
    r"\bdelais?\b|\bcombien de temps|\bannul|\bmodifi|\bchanger\b|\badresse|\bretourn|\brenvoy|\bretour\b|\bechang|\bfacture|\bdouane|\bcasse|\bendommag|\babime|\bdefectueu|\bmauvais|\bmanqu|\bincomplet|\bcode promo|\bmarque(?:e)? (?:comme )?livre|\bindique(?:e)? (?:comme )?livre|\bmot de passe|\bcomment (?:puis-je )?suivre|\bou puis-je|\bhabituellement|\bnormalement|\bprecommand|\bbloque",
    r"\bcuanto (?:tarda|tiempo|demora|suele)|\bcancelar|\bcambi|\bmodific|\bdireccion|\bdevol|\bdevuelv|\bfactura|\baduana|\brot[oa]\b|\bdanad|\bdefectuos|\bequivocad|\bfalta\b|\bincompleto|\bcupon|\bmarcad[oa] como|\bfigura como|\baparece (?:como )?entregado|\bcontrasena|\bcomo (?:puedo )?(?:rastre|segu|sigo)|\bdonde puedo|\bnormalmente|\bpreventa|\batascad|\bno se actualiza",
    r"何日|期間|キャンセル|変更|住所|返品|返金|交換|領収書|請求書|関税|税関|通関|壊れ|破損|不良|割れ|間違|違う(?:商品|もの)|足りない|入っていない|不足|クーポン|配達(?:済|完了)|追跡.*(?:更新|動か|止ま)|更新されない|パスワード|通常|どこで(?:確認|見)|確認(?:する)?方法|予約|どうやって|同梱|まとめて",
)
REFUND_WORDS = any_of(
    r"\brefund(?:ed|s)?\b|\b(?:status|progress|update) (?:of|on|for) my return\b|\bmoney (?:back|for my return)\b|\breimburs\w+|\breturn status\b|\bmy money\b|\breturn(?:ed)? (?:order|package|parcel|item)\b",
    r"退款|退钱|退的钱|退货(?:进度|状态|到哪|处理|审核)|返款|钱.{0,6}退|售后(?:进度|状态|处理)",
    r"\berstatt\w+|\bruckzahlung|\bgeld zuruck|\bruckerstatt\w+|\bgutschrift|\brucksendung\b.*\b(?:status|angekommen|bearbeitet)|\bretoure\b.*\b(?:status|angekommen|bearbeitet)",
    r"\brembours\w+|\bmon argent\b|\bretour\b.*\b(?:statut|recu|traite)",
    r"\breembols\w+|\bdevolucion(?: de| del)? (?:mi )?dinero|\bmi dinero\b|\bdevolucion\b.*\b(?:estado|recibid|procesad)",
    r"返金|払い戻し|払戻|返品.{0,6}(?:状況|ステータス|届|処理)",
)
REFUND_PROGRESS = any_of(
    r"\b(?:status|progress|update|news|where(?:'s|s| is| are)?|yet|still|already|has|have|hasn'?t|haven'?t|did(?:n'?t)?|was|been|check|processed|issued|approved|completed?|sent|pending|gone through|went through|track)\b",
    r"进度|状态|到账了(?:吗|没|么)|到了(?:吗|没|么)|到了没|退了(?:吗|没|么|没有)|处理(?:了|好|完|到|得)|怎么还[没不]|咋还[没不]|还没|还没有|没到账|没退|没收到|审核|批了|成功了|查|到哪|怎么样了|为什么还?没|为啥还?没|一直没|迟迟|退到哪",
    r"\b(?:status|schon|noch nicht|immer noch|bereits|bearbeitet|veranlasst|uberwiesen|wo bleibt|wo ist|eingegangen|angekommen|stand)\b",
    r"\b(?:statut|deja|toujours pas|pas encore|ou en est|ou est|traite|effectue|envoye|suivi|valide)\w*",
    r"\b(?:estado|ya|todavia|aun|donde esta|procesad\w+|realizad\w+|aprobad\w+|emitid\w+|seguimiento)\b",
    r"状況|ステータス|まだ|(?:され|処理|完了|振り?込ま).{0,6}(?:ました|ています|てます)か|どうなって|確認し|進捗",
)
NOT_REFUND_PROGRESS = any_of(
    r"\bhow (?:long|many days|much time)\b|\bhow (?:do|can|to)\b|\b(?:can|could|may|will|would) (?:i|you|we) (?:\w+ )?(?:get|have|receive|refund|give|return|be|ask|request|claim|process)\b|\bwhen (?:do|does|will|can|would|should)\b|\bwhere (?:can|do) (?:i|we) (?:see|find|check)|\bprocessing time\b|\bdifference|\bcheaper|\bprice (?:drop|match|adjust)|\bdifferent (?:card|account)|\bpolicy|\b(?:which|what) (?:card|account|method)|\bwhere (?:does|do|will|would)\b|\bor (?:store )?credit|\busually|\bnormally|\bfee\b|\bi want (?:a |my |to )|\bi (?:need|demand|would like) (?:a |my )?(?:full )?refund",
    r"多久|几天|几个工作日|多长时间|什么时候|啥时候|何时|怎么(?:申请|退|办理)|如何|可以退|能退|能不能退|退到(?:哪|信用|银行|原|余额|另)|差价|降价|便宜|政策|我要退款$|运费|邮费",
    r"\bwie (?:lange|bekomme|kann)|\bwann (?:bekomme|erhalte|wird|kommt)|\bkann ich|\bauf welche|\bdifferenz|\bwohin",
    r"\bcombien de temps|\bquand (?:serai|vais|est-ce|recevrai)|\bcomment\b|\bpuis-je|\bdifference|\bsur quel",
    r"\bcuanto (?:tarda|tiempo|demora)|\bcuando (?:recib|me|llega)|\bcomo\b|\bpuedo\b|\bdiferencia|\ba que (?:tarjeta|cuenta)|\bdonde (?:va|llega)",
    r"いつ(?:に|です|返|ごろ|頃)|何日|どのくらい|どれくらい|方法|できますか|したい|差額|どこに返金",
)
_EN_COLOUR_SIZE = r"(?:black|white|red|blue|green|grey|gray|pink|yellow|brown|beige|navy|purple|orange|gold|silver|khaki|xxs|xs|s|m|l|xl|xxl|xxxl|[2-5]xl|small|medium|large|size \w+|stock|another (?:colou?r|size)|(?:uk|us|eu) ?\d+)"
STOCK = any_of(
    rf"\b(?:is|are|do you (?:still )?have|have you(?: got)?|got|any)\b(?: \w+){{0,8}} (?:in stock|on stock|left|available (?:now|yet|right now|today|in {_EN_COLOUR_SIZE})|still available|(?:currently|now) available|in {_EN_COLOUR_SIZE})\b",
    r"\bhow (?:many|much)\b.{0,40}\b(?:left|in stock|remain(?:ing)?|available|do you have|have you got|on hand|in the (?:\w+ )?warehouse)\b",
    r"\b(?:check|what'?s|what is|tell me|show me|know|see|current|confirm)(?: me| the| about| if)* (?:stock|inventory|availability)\b|\b(?:stock|inventory)(?: level| count| quantity| status)? (?:of|for) (?:the|this|that|a|these|my|item|sku|product|your)\b|\bstock (?:level|count|check|available|availability|left)\b",
    r"\b(?:is|are) (?:the|this|that|these|those|it|your|they)(?: \w+){0,5} (?:in stock|available|sold out|out of stock)(?: (?:now|yet|still|anymore|at the moment|right now|today|in (?:\w+)))*\W*$",
    r"\bdo you still (?:have|sell|carry|stock) (?:the|this|that|these|those|it|any)\b|\bany (?:\w+ ){0,3}left\b",
    r"(?:还有|有没有|有|还剩|还能买到)(?:\w{0,6})?(?:货|现货|库存|的?码)(?:吗|么|嘛|没|不|的吗|没有|\?|$)|(?:还有|有没有|没有|有)(?:货|现货|库存)|库存(?:还)?(?:有|剩|是|量)?(?:有)?(?:多少|几|够|吗|数量|情况|查询)|(?:还|仓库|仓里|现在)?剩(?:下|余)?(?:多少|几|没几)|(?:现货|缺货|断货|断码|没货了?|售罄)(?:了)?(?:吗|么|嘛|没|不)|有几[件个双台]|(?:码|号|色|款).{0,4}还有(?:吗|么|没)|(?:查|看)(?:一?下|询)?.{0,10}库存",
    r"\b(?:auf lager|vorratig|noch (?:verfugbar|lieferbar|da|erhaltlich|zu haben)|lagerbestand|lieferbar|verfugbar|in grosse \w+ (?:da|verfugbar)|ausverkauft)\b|\bwie viele\b.{0,40}\b(?:ubrig|auf lager|noch|verfugbar)\b|\bhaben sie\b.{0,40}\b(?:noch|in (?:schwarz|weiss|rot|blau|grosse))\b",
    r"\ben stock\b|\b(?:encore|toujours) (?:disponibles?|en vente)\b|\b(?:est-il|est-elle|est-ce|sont-ils|sont-elles)\b.{0,30}\bdisponibles?\b|\bcombien\b.{0,40}\b(?:reste|restent|en stock|disponibles)\b|\b(?:reste-t-il|il reste|il vous reste|il en reste|rupture)\b|\bavez-vous\b.{0,40}\ben (?:noir|blanc|rouge|bleu|taille|stock|vert)\b",
    r"\ben (?:stock|existencia|inventario)\b|\b(?:hay|queda|quedan|tienen|tienes)\b.{0,40}\b(?:stock|disponibles?|existencias?|en (?:negro|blanco|rojo|azul|talla|verde)|unidades)\b|\bcuant[oa]s?\b.{0,30}\b(?:quedan|hay|tienen|disponibles)\b|\b(?:esta|sigue|estan) (?:\w+ )?(?:disponibles?|agotad[oa]s?)\b|\bdisponibilidad\b",
    r"在庫|(?:まだ|もう)?(?:売り切れ|品切れ)(?:です|て)|残り(?:は|いくつ|何)|(?:まだ|今)(?:あり|買え|購入でき)ますか|取り扱い(?:は|が)あり",
)
NOT_STOCK = any_of(
    r"\bwhen\b|\bnext (?:week|month|year)\b|\bback in stock\b|\bre-?stock|\bnotif\w+|\bagain\b|\bsync|\bupdat\w+|\bdiffer|\bmismatch|\bimport|\berp\b|\bmarketplace|\bshopee\b|\bebay\b|\blazada\b|\breplenish|\breorder|\bsuggest|\bmy (?:shop|store|listing)|\bexchange|\bswap|\bcountr|\bpre-?order|\bdiscount|\bwarranty|\bpush|\bphysical|\btime left|\bdays left|\bleft (?:for|to|at|outside|by|in (?:transit|customs)|the)\b|\bshipping\b|\bdelivery\b|\bsupport\b|\bagents?\b|\bpayment|\bcoupon|\breturn",
    r"什么时候|啥时候|何时|多久|补货|补不补|再上|上架|到货通知|会不会再|同步|平台|系统|不一样|不一致|推送|推上|更新|店铺|建议|换货|换成|预售|优惠|人在|发票|为什么|收到货|发货|退货|到货|怎么(?:办|处理|计算|算)",
    r"\bwann\b|\bwieder\b|\bbenachrichtig|\bsynchron|\bumtausch|\bruckgabe|\blieferzeit|\bkundendienst",
    r"\bquand\b|\bde nouveau\b|\ba nouveau\b|\bretour|\bsynchron|\bprevenir|\bechang",
    r"\bcuando\b|\bde nuevo\b|\botra vez\b|\bsincroni|\bavis|\bcambi|\bservicio\b|\benvio",
    r"いつ|再入荷|入荷予定|同期|連携|反映|通知|交換|なぜ",
)
ACTION_WORDS = any_of(
    r"\bcancel|\bchange\b|\bmodify|\bedit\b|\bupdate (?:my|the) (?:address|order|phone)|\breturn\b|\bsend(?:ing)? (?:it |this )?back\b|\bexchange|\bswap|\bdamaged|\bbroken|\bdefect|\bfaulty|\bwrong (?:item|product|colou?r|size|address)|\bmissing\b|\binvoice|\breceipt|\bmerge|\bcombine|\bcustoms?\b|\bnever (?:received|got|arrived)|\bnot received|\bwarranty|\badd\b|\bcoupon|\bhow (?:do|can|to)\b|\bwant (?:a |my )?(?:refund|money back)|\bwant to (?:return|cancel|change)|\brefund (?:me|this|it|my order|the order)\b|\bprice (?:drop|match|adjust)",
    r"取消|撤单|改地址|修改|换货|要退货|想退货|退货(?:流程|怎么|$)|怎么退|要退款|想退款|申请退|破损|坏了|碎了|发错|少发|漏发|少了|缺了|发票|合并|签收.*没|没收到.*签收|保修|加一件|换(?:成|个|颜色|尺码)|改(?:成|数量|地址)|差价|怎么(?:弄|办|处理)",
    r"\bstornier|\bandern|\bzuruck(?:schick|send|geben)|\bumtausch|\bbeschadigt|\bkaputt|\bfalsch|\bfehlt|\brechnung|\bzusammen",
    r"\bannul|\bmodifi|\bchanger|\bretourn|\brenvoy|\bechang|\bcasse|\bendommag|\bmauvais|\bmanqu|\bfacture",
    r"\bcancel|\bcambi|\bmodific|\bdevolver|\bdevuelv|\brot[oa]\b|\bdanad|\bequivocad|\bfalta\b|\bfactura",
    r"キャンセル|変更|返品したい|返品方法|交換|壊れ|破損|違う商品|間違|足りない|領収書|請求書|まとめて",
)


def wants_refund_progress(folded: str | Seen) -> bool:
    """Tell whether the message asks how far its own refund is."""
    seen = seen_in(folded)
    return (
        REFUND_WORDS.search(seen)
        and REFUND_PROGRESS.search(seen)
        and not NOT_REFUND_PROGRESS.search(seen)
    )


def wants_order_status(folded: str | Seen) -> bool:
    """Tell whether the message asks where its own order is."""
    seen = seen_in(folded)
    return ORDER_STATUS.search(seen) and not NOT_ORDER_STATUS.search(seen)


def wants_stock(folded: str | Seen) -> bool:
    """Tell whether the message asks how much of an item there is."""
    seen = seen_in(folded)
    return STOCK.search(seen) and not NOT_STOCK.search(seen)
